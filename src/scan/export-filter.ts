/** Tells which readings are export, where a profile says so. */
import { type Message, option, say } from "../base/message.js";
import type { Warning } from "../base/warning.js";
import type { FieldText } from "./field-text.js";
import { type Fields, VALUE } from "./fields.js";
import type { Kernel } from "./kernel.js";
import type { ExportMark, ExportRule } from "./plan.js";
import { ValueNames } from "./value-names.js";

/** The ways that energy goes, as bits. */
export const CONSUMPTION = 1;
export const EXPORT = 2;
/** Export of any size, 0 included, whatever becomes of it. */
export const SOME_EXPORT = 4;

export class ExportFilter {
  /** What the current input has had, as bits: `CONSUMPTION`, `EXPORT`, `SOME_EXPORT`. */
  directions = 0;
  private readonly columns: ValueNames;
  private readonly values: readonly Uint8Array[];
  /** Of names of values, as they are met. */
  private readonly known = new Map<string, boolean>();

  constructor(
    private readonly kernel: Kernel,
    private readonly fields: Fields,
    private readonly text: FieldText,
    mark: ExportMark,
  ) {
    this.columns = new ValueNames("columns" in mark ? mark.columns : []);
    this.values = "columns" in mark ? [] : mark.values.map((one) => Buffer.from(one));
  }

  /** Whether the current value, of the record whose fields are set, is export. */
  isExport(): boolean {
    return this.fields.exportField < 0 ? this.isColumn(this.fields.names[VALUE] as string) : this.isValue();
  }

  private isColumn(name: string): boolean {
    const known = this.known.get(name) ?? this.columns.mayBe(name);
    this.known.set(name, known);
    return known;
  }

  private isValue(): boolean {
    const { kernel, text, values } = this;
    text.locate(this.fields.exportField);
    const found = kernel.bytes.subarray(text.start, text.end);
    return values.some((one) => Buffer.compare(one, found) === 0);
  }
}

/** What there is to choose from. */
export function exportChoices(): Message {
  return say`${option("export", "subtract")} takes export from consumption, ${option("export", "add")} adds both, ${option("export", "skip")} leaves export out; or ask for rows by source`;
}

/** Whether there was any. */
export function hasExport(directions: number): boolean {
  return (directions & SOME_EXPORT) !== 0;
}

/** The warning that an option about export had no effect, where one was given. @param seen whether any reading is export */
export function noExport(rule: ExportRule, seen: boolean): Warning | undefined {
  if (seen || rule === "ask" || rule === "apart") return undefined;
  const message = say`${option("export", rule)} changed nothing: what was read does not tell export from consumption, or has none`;
  return { code: "no_export", message };
}
