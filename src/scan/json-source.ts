/**
 * The source of an object around an array of records, by the rules for a record's. Its members may come in any order,
 * and of a key that comes twice the last counts: so it is known once the object has ended.
 */
import type { Context } from "./context.js";
import { explain } from "./explain.js";
import { Kind, SOURCE } from "./fields.js";
import type { JsonRecords } from "./json-record.js";
import type { ScanFailure } from "./plan.js";

/** The number of a source; 0 where none is named, as by `null` and `""`; or what is wrong with the id. */
type Id = number | ScanFailure;

/** A field that a member may be, or hold where the name has dots. */
interface Wanted {
  /** The object whose field it is: this one, or one around it. */
  readonly of: ObjectSource;
  readonly field: number;
  /** The field's name from this object on. */
  readonly name: string;
}

export class ObjectSource {
  /** The kernel's number for the records in it without a source; 0 where none have been looked for yet. */
  number = 0;
  private readonly wanted: readonly Wanted[];
  /** By field: of members that have the whole name; of members that hold it. */
  private readonly whole: (Id | undefined)[] = [];
  private readonly held: (Id | undefined)[] = [];

  /** @param around the object that this one is the member `name` of, if it is one's */
  constructor(
    private readonly context: Context,
    around: ObjectSource | undefined,
    name: string,
  ) {
    const own = context.fields.names.map((field, n) => ({ of: this, field: n, name: field })).slice(SOURCE);
    const inherited = (around?.wanted ?? [])
      .filter((one) => one.name.startsWith(`${name}.`))
      .map((one) => ({ ...one, name: one.name.slice(name.length + 1) }));
    this.wanted = [...own, ...inherited];
  }

  /** The member whose value lies in [start, end), and has been read already. */
  member(json: JsonRecords, name: string, start: number, end: number): void {
    const { fields } = this.context;
    for (const { of, field, name: wanted } of this.wanted) {
      if (wanted === name) {
        json.found(field, start, end);
        this.set(of, field, wanted, this.read(json, field));
      } else if (wanted.startsWith(`${name}.`)) {
        fields.kind[field] = Kind.absent;
        if (json.bytes[start] === 123) json.reach(field, start, wanted.slice(name.length + 1));
        of.held[field] = fields.kind[field] === Kind.absent ? undefined : this.read(json, field);
      }
    }
  }

  /** A member that is not read as a whole: its value, from `start` on, is entered, or is `long`. */
  passed(json: JsonRecords, name: string, start: number, long: boolean): void {
    for (const { of, field, name: wanted } of this.wanted) {
      if (wanted === name) {
        json.found(field, start, json.end);
        const why = long ? explain.longSource(field, this.context) : explain.source(field, this.context);
        this.set(of, field, wanted, this.bad(start, why));
      } else if (wanted.startsWith(`${name}.`)) of.held[field] = undefined;
    }
  }

  /** Once the object has ended. */
  id(): Id {
    for (let f = SOURCE; f < this.context.fields.names.length; f++) {
      const id = this.whole[f] ?? this.held[f] ?? 0;
      if (id !== 0) return id;
    }
    return 0;
  }

  private set(of: ObjectSource, field: number, name: string, id: Id): void {
    (name === this.context.fields.names[field] ? of.whole : of.held)[field] = id;
  }

  /** The id in a field that has been found. */
  private read(json: JsonRecords, field: number): Id {
    const { context } = this;
    const { fields, validator } = context;
    const start = fields.start[field];
    if (fields.kind[field] === Kind.string || fields.kind[field] === Kind.escaped) {
      json.badTextAt = -1;
      json.string(start - 1);
      if (json.badTextAt >= 0) return this.bad(json.badTextAt, explain.sourceText(field, context, json.badText));
    }
    const id = validator.idIn(field);
    return id >= 0 ? id : this.bad(start, explain.source(field, context));
  }

  private bad(at: number, why: string): ScanFailure {
    return this.context.fail(at, "bad_source", explain.sourceAround(why));
  }
}
