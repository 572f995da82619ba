/** OBIS codes, which tell what a meter's register or channel measures: `1-1:1.29.0` is import, `1-1:2.29.0` export. */

/** The medium and channel, the quantity, its kind, and the tariff; without the first two, `1.8.24` would be a date. */
const CODE = /^(?:\d{1,3}-\d{1,3}:|(?=\d{1,3}\.\d{1,3}\.\d(?!\d)))(\d{1,3})\.(\d{1,3})\.\d{1,3}(?:[*&.]\d{1,3})?$/;
/** Kinds of quantities that are energy: registers, and what they advance by. */
const ENERGY = new Set(["8", "9", "27", "29"]);
const IMPORT = "1";
const EXPORT = "2";

/** Whether a text is the code of imported or exported active energy; `undefined`: of neither. */
export function directionOf(text: string): "import" | "export" | undefined {
  const [, quantity, kind = ""] = CODE.exec(text) ?? [];
  if (!ENERGY.has(kind)) return undefined;
  return quantity === IMPORT ? "import" : quantity === EXPORT ? "export" : undefined;
}
