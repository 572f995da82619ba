/** Reads one JSON object as a record and finds its wanted fields. If a key occurs twice, the last one counts. */
import { type Fields, Kind, VALUE } from "./fields.js";
import { INCOMPLETE, JsonValues } from "./json-value.js";
import { unescapeString } from "./unescape.js";
import type { ValueNames } from "./value-names.js";

/** A member of a record, for messages. */
export interface Member {
  /** Dotted if it is in a nested object. */
  readonly name: string;
  readonly kind: "scalar" | "records" | "other";
  /** Tokens of the pointer to it. */
  readonly tokens: readonly string[];
}

export class JsonRecords extends JsonValues {
  /** Fields whose names have dots. Those may be paths into nested objects, tried only if no field has the whole name. */
  private readonly dotted: readonly number[];

  constructor(private readonly fields: Fields) {
    super();
    this.dotted = fields.names.flatMap((name, f) =>
      name.includes(".") && !(f === VALUE && fields.several !== undefined) ? [f] : [],
    );
  }

  /**
   * Reads the object at `p` and sets the fields.
   * @returns the position after its `}`, or INCOMPLETE, or SYNTAX
   */
  record(p: number): number {
    const { bytes, end, fields } = this;
    const start = p;
    this.badTextAt = -1;
    this.depth = 0;
    fields.clear();
    const { several } = fields;
    if (several !== undefined) fields.clearFound();
    p = this.blanks(p + 1);
    if (p >= end) return INCOMPLETE;
    if (bytes[p] === 125) {
      if (several !== undefined) fields.chooseFound(several);
      return p + 1;
    }
    for (;;) {
      const keyStart = p + 1;
      if (bytes[p] !== 34) return this.syntax(p, "no key where one was expected");
      p = this.string(p);
      if (p < 0) return p;
      const isEscaped = this.escaped;
      const keyEnd = p - 1;
      const field = this.escaped ? this.findEscaped(keyStart, p - 1) : fields.find(bytes, keyStart, p - 1);
      p = this.blanks(p);
      if (p >= end) return INCOMPLETE;
      if (bytes[p] !== 58) return this.syntax(p, "no : after a key");
      p = this.blanks(p + 1);
      if (p >= end) return INCOMPLETE;
      const valueStart = p;
      p = this.value(p);
      if (p < 0) return p;
      if (field >= 0) this.found(field, valueStart, p);
      else if (several !== undefined) this.foundAny(several, this.text(keyStart, keyEnd, isEscaped), valueStart, p);
      p = this.blanks(p);
      if (p >= end) return INCOMPLETE;
      if (bytes[p] === 125) break;
      if (bytes[p] !== 44) return this.syntax(p, "neither , nor } after a value");
      p = this.blanks(p + 1);
      if (p >= end) return INCOMPLETE;
    }
    if (several !== undefined) this.reachValues(several, start);
    for (const f of this.dotted) if (fields.kind[f] === Kind.absent) this.reach(f, start, fields.names[f]);
    return p + 1;
  }

  /** A string's text. */
  private text(start: number, end: number, escaped: boolean): string {
    const raw = this.bytes.subarray(start, end);
    return Buffer.from(escaped ? unescapeString(raw) : raw).toString("utf8");
  }

  /** Keeps the value in [start, end) if its field may be one of several. */
  private foundAny(several: ValueNames, name: string, start: number, end: number): void {
    if (!several.mayBe(name)) return;
    this.found(VALUE, start, end);
    this.fields.keepFound(name);
  }

  /** Looks for values in nested objects, where no field has the whole name, and chooses among all. */
  private reachValues(several: ValueNames, object: number): void {
    const { fields } = this;
    for (const name of several.literal) {
      if (!name.includes(".") || fields.values.includes(name)) continue;
      this.reach(VALUE, object, name);
      if (fields.kind[VALUE] !== Kind.absent) fields.keepFound(name);
    }
    fields.chooseFound(several);
  }

  private findEscaped(start: number, end: number): number {
    const name = unescapeString(this.bytes.subarray(start, end));
    return this.fields.find(name, 0, name.length);
  }

  /** Sets a field to the value in [start, end). If that is a string, `escaped` must still be its own. */
  found(field: number, start: number, end: number): void {
    switch (this.bytes[start]) {
      case 34:
        this.fields.set(field, this.escaped ? Kind.escaped : Kind.string, start + 1, end - 1);
        break;
      case 123:
        this.fields.set(field, Kind.object, start, end);
        break;
      case 91:
        this.fields.set(field, Kind.array, start, end);
        break;
      case 116:
        this.fields.set(field, Kind.true, start, end);
        break;
      case 102:
        this.fields.set(field, Kind.false, start, end);
        break;
      case 110:
        this.fields.set(field, Kind.null, start, end);
        break;
      default:
        this.fields.set(field, Kind.number, start, end);
    }
  }

  /** Looks for a field in the object at `object`, which has already been parsed, by a name that may have dots. */
  reach(field: number, object: number, name: string): void {
    let at = -1;
    let whole = false;
    const dot = name.indexOf(".");
    const head = dot < 0 ? name : name.slice(0, dot);
    this.members(object, (key, start, end, escaped) => {
      if (key === name) {
        this.escaped = escaped;
        this.found(field, start, end);
        whole = true;
      } else if (key === head && dot > 0) at = start;
    });
    if (!whole && at >= 0 && this.bytes[at] === 123) this.reach(field, at, name.slice(dot + 1));
  }

  /**
   * Whether an object that is not valid JSON, or incomplete, looks like a wrapper of records: the error is inside an
   * array of objects, with neither a timestamp nor a value before it. `error` and `errorAt` are then the array's.
   */
  breaksInArray(object: number): boolean {
    const { needed } = this.fields;
    let p = this.blanks(object + 1);
    while (p < this.end && this.bytes[p] === 34) {
      const start = this.key(p);
      if (start < 0) return false;
      const key = this.nameAt(p);
      if (needed.some((name) => name === key || name.startsWith(`${key}.`))) return false;
      p = this.value(start);
      if (p < 0) return this.bytes[start] === 91 && this.bytes[this.blanks(start + 1)] === 123;
      p = this.blanks(p);
      if (this.bytes[p] !== 44) return false;
      p = this.blanks(p + 1);
    }
    return false;
  }

  /** The members of an object that has already been parsed, and those of the objects directly in it. */
  outline(object: number): Member[] {
    const found: Member[] = [];
    this.members(object, (name, start) => {
      if (this.bytes[start] !== 123) {
        found.push({ name, kind: this.kindAt(start), tokens: [name] });
        return;
      }
      const before = found.length;
      this.members(start, (inner, at) =>
        found.push({ name: `${name}.${inner}`, kind: this.kindAt(at), tokens: [name, inner] }),
      );
      if (found.length === before) found.push({ name, kind: "other", tokens: [name] });
    });
    return found;
  }

  private kindAt(start: number): Member["kind"] {
    const c = this.bytes[start];
    if (c === 91 && this.bytes[this.blanks(start + 1)] === 123) return "records";
    return c === 91 || c === 123 ? "other" : "scalar";
  }

  /** The key at `p`, which has already been parsed. */
  nameAt(p: number): string {
    const end = this.string(p) - 1;
    return this.text(p + 1, end, this.escaped);
  }

  /** Calls back for each member of an object that has already been parsed. */
  members(object: number, each: (key: string, start: number, end: number, escaped: boolean) => void): void {
    let p = this.blanks(object + 1);
    while (this.bytes[p] === 34) {
      const key = this.nameAt(p);
      const start = this.key(p);
      p = this.value(start);
      each(key, start, p, this.escaped);
      p = this.blanks(p);
      if (this.bytes[p] === 44) p = this.blanks(p + 1);
    }
  }
}
