/**
 * The source of an object that encloses an array of records, by the rules for a record's source. Members may come in any
 * order, and if a key occurs twice, the last one counts: so the source is known only once the object has ended.
 */
import type { Context } from "./context.js";
import { explain } from "./explain.js";
import { Kind, SOURCE } from "./fields.js";
import type { JsonRecords } from "./json-record.js";
import { ScanFailure } from "./plan.js";

/** The number of a source; 0 if none is named, or only by `null` or `""`; or the failure if the id is bad. */
type Id = number | ScanFailure;

/** A source field that a member may be, or contain if the field's name has dots. */
interface Wanted {
  /** The object whose field it is: this one, or one that encloses it. */
  readonly owner: ObjectSource;
  readonly field: number;
  /** The field's name relative to this object. */
  readonly name: string;
}

export class ObjectSource {
  /** The kernel's number of the provisional source for records without one; 0 if there is none yet. */
  number = 0;
  /** The numbers of those of several values, by their names. */
  readonly columns = new Map<string, number>();
  private readonly wanted: readonly Wanted[];
  /** Ids by field, from members that have the field's whole name. */
  private readonly direct: (Id | undefined)[] = [];
  /** Ids by field, from inside members. */
  private readonly nested: (Id | undefined)[] = [];

  /** @param parent the object, if any, in which this one is the member `name` */
  constructor(
    private readonly context: Context,
    parent: ObjectSource | undefined,
    name: string,
  ) {
    const own = context.fields.names
      .map((field, n) => ({ owner: this, field: n, name: field }))
      .slice(SOURCE, context.fields.sourcesEnd);
    const inherited = (parent?.wanted ?? [])
      .filter((one) => one.name.startsWith(`${name}.`))
      .map((one) => ({ ...one, name: one.name.slice(name.length + 1) }));
    this.wanted = [...own, ...inherited];
  }

  /** Takes in the member whose value is in [start, end), and has already been parsed. */
  member(json: JsonRecords, name: string, start: number, end: number): void {
    const { fields } = this.context;
    for (const { owner, field, name: wanted } of this.wanted) {
      if (wanted === name) {
        json.found(field, start, end);
        this.set(owner, field, wanted, this.read(json, field));
      } else if (wanted.startsWith(`${name}.`)) {
        fields.kind[field] = Kind.absent;
        if (json.bytes[start] === 123) json.reach(field, start, wanted.slice(name.length + 1));
        owner.nested[field] = fields.kind[field] === Kind.absent ? undefined : this.read(json, field);
      }
    }
  }

  /** Takes in a member whose value, from `start` on, is not parsed at once: it is entered, or is `long`. */
  skipped(json: JsonRecords, name: string, start: number, long: boolean): void {
    for (const { owner, field, name: wanted } of this.wanted) {
      if (wanted === name) {
        json.found(field, start, json.end);
        const why = long ? explain.longSource(field, this.context) : explain.source(field, this.context);
        this.set(owner, field, wanted, this.bad(start, why));
      } else if (wanted.startsWith(`${name}.`)) owner.nested[field] = undefined;
    }
  }

  /** The object's source. To be called once the object has ended. */
  id(): Id {
    const { fields, plan, kernel } = this.context;
    const ids: Id[] = [];
    for (let f = SOURCE; f < fields.sourcesEnd; f++) ids.push(this.direct[f] ?? this.nested[f] ?? 0);
    const [first = 0] = ids.filter((id) => id !== 0);
    if (!plan.sourceJoined || first === 0) return first;
    const bad = ids.find((id) => id instanceof ScanFailure);
    if (bad !== undefined) return bad;
    const parts = ids.map((id) => (id === 0 ? "" : Buffer.from(kernel.idOf(id as number)).toString("utf8")));
    return kernel.sourceOf(Buffer.from(parts.join("/")));
  }

  private set(owner: ObjectSource, field: number, name: string, id: Id): void {
    (name === this.context.fields.names[field] ? owner.direct : owner.nested)[field] = id;
  }

  /** The id in a field that is set. */
  private read(json: JsonRecords, field: number): Id {
    const { context } = this;
    const { fields, validator } = context;
    const start = fields.start[field];
    if (fields.kind[field] === Kind.string || fields.kind[field] === Kind.escaped) {
      json.badTextAt = -1;
      json.string(start - 1);
      if (json.badTextAt >= 0) return this.bad(json.badTextAt, explain.sourceText(field, context, json.badText));
    }
    const id = validator.source.idIn(field);
    return id >= 0 ? id : this.bad(start, explain.source(field, context));
  }

  private bad(at: number, why: string): ScanFailure {
    return this.context.fail(at, "bad_source", explain.sourceAround(why));
  }
}
