/** Texts as cells of CSV. */

/** Characters that require quotes. */
const SPECIAL = /[,"\n\r]/;
/** First characters of a spreadsheet formula; and `'`, so that removing a leading `'` always restores the id. */
const FORMULA = /^[=+\-@\t\r']/;

/** A source id as a CSV cell. Unless `raw`, a `'` is put before what a spreadsheet would take for a formula. */
export function idCell(id: string, raw: boolean): string {
  const text = !raw && FORMULA.test(id) ? `'${id}` : id;
  return SPECIAL.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
