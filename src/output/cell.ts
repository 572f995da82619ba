/** One text as a CSV cell. */

/** What makes a cell need its quotes. */
const SPECIAL = /[,"\n\r]/;
/** How a spreadsheet tells a formula; and the sign that says "this is text", so that taking one off is never ambiguous. */
const FORMULA = /^[=+\-@\t\r']/;

/** A source id as a cell: with a `'` before what a spreadsheet would run, unless `raw`; quoted only if it must be. */
export function idCell(id: string, raw: boolean): string {
  const text = !raw && FORMULA.test(id) ? `'${id}` : id;
  return SPECIAL.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
