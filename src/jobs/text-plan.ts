/** From options to how texts are read: their encoding, marks in numbers, and columns without names. */
import { UsageError } from "../base/errors.js";
import { option, say } from "../base/message.js";
import { columnNumber } from "../scan/fields.js";
import { encodingOf } from "../scan/transcoder.js";
import type { ReadOptions } from "./options.js";

/** @throws UsageError for an unknown encoding */
export function encodingPlan({ encoding: label }: ReadOptions): string | undefined {
  if (label === undefined) return undefined;
  const encoding = encodingOf(label);
  if (encoding === undefined)
    throw new UsageError(
      "unknown_encoding",
      say`${option("encoding", label)}: there is no such encoding; names are those of browsers, such as windows-1252, iso-8859-15, utf-16le or shift_jis`,
      { option: "encoding" },
    );
  return encoding === "utf-8" ? undefined : encoding;
}

/** @throws UsageError where the mark between groups is the decimal mark */
export function checkThousands({ thousands, decimalComma = false }: ReadOptions): void {
  if (thousands !== (decimalComma ? "," : ".")) return;
  const other = decimalComma ? "say another mark" : say`add ${option("decimalComma", true)}, or say another mark`;
  throw new UsageError("contradiction", say`${option("thousands", thousands)} is the decimal mark; ${other}`, {
    option: "thousands",
  });
}

/** Without a header, columns have no names. */
export function checkNumbers(fields: readonly (readonly [name: string, field: string])[]): void {
  for (const [name, field] of fields)
    if (columnNumber(field) === 0)
      throw new UsageError(
        "no_column_number",
        say`${option("header", "none")}: the columns have no names, so say which one it is by its number: ${option(name, "#1")} is the first`,
        { option: name },
      );
}
