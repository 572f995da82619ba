/** Sizes in units: `2GB`, `1.5 GiB`, `512MiB`. */

const POWER: Readonly<Record<string, number>> = { "": 0, k: 1, m: 2, g: 3, t: 4 };

/**
 * Parses a size to bytes, rounded down; undefined if the text is not a size. kB, MB, GB and TB are powers of 1000; KiB,
 * MiB, GiB and TiB powers of 1024. A unit is required; `2G` is rejected as ambiguous.
 */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?) ?([kmgt]?)(i?)b$/i.exec(text);
  if (!match) return undefined;
  const [, amount, prefix, binary] = match as unknown as [string, string, string, string];
  if (binary && !prefix) return undefined;
  const bytes = Math.floor(Number(amount) * (binary ? 1024 : 1000) ** (POWER[prefix.toLowerCase()] as number));
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Three significant digits and a decimal unit: `1.23 GB`. */
export function sizeText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let unit = 0;
  let amount = bytes;
  while (amount >= 999.5 && unit < units.length - 1) {
    amount /= 1000;
    unit++;
  }
  const digits = unit === 0 || amount >= 99.95 ? 0 : amount >= 9.995 ? 1 : 2;
  return `${amount.toFixed(digits)} ${units[unit]}`;
}

/** A size as an option would have it: `100MB`. */
export function leastText(bytes: number): string {
  return sizeText(bytes)
    .replace(" ", "")
    .replace(/\.0+(?=\D)/, "");
}
