/** Damage to files of meters and utilities, beside that to any dataset: pieces of a file in places of others. */
import { mutated } from "../test/scan/mutate.mjs";

/** @typedef {import("../test/scan/choose.mjs").Choose} Choose */

/** Tags, cells, lines; and what may be moved without the end of XML: texts, and elements with all that is in them. */
const PIECES = [/<[^<>]*>/g, /[^,;\t|\n]+/g, /[^\n]*\n/g];
const IN_XML = [
  /(?<=>)[^<>]+(?=<)/g,
  /(?<=")[^"<>]+(?=")/g,
  /<([\w:]+)(?: [^<>]*)?>[^<>]*<\/\1>/g,
  /<([\w:]+)(?: [^<>]*)?>(?:(?!<\1[ >]).)*?<\/\1>/gs,
];
/** In the place of texts. */
const TEXTS = [
  "",
  "0",
  "-1",
  "1",
  "1e9",
  "99999999999999999999",
  "1.5",
  "x",
  "-12",
  "2024-01-31T00:00:00Z",
  "&amp;",
  "<![CDATA[1]]>",
  "4294967296",
];

/** @param {Choose} choose @param {string | Buffer} whole */
export function damaged(choose, whole) {
  /** @type {Buffer} */
  let bytes = Buffer.from(/** @type {string} */ (whole));
  for (let times = choose.of([0, 1, 1, 2, 4, 8]); times > 0 && bytes.length > 0; times--)
    bytes = choose.oneIn(3) ? moved(choose, bytes) : mutated(choose, bytes, 1);
  return bytes;
}

/** Mostly so that it is still XML, which most damage ends. @param {Choose} choose @param {string} whole */
export function damagedXml(choose, whole) {
  if (choose.oneIn(4)) return damaged(choose, whole);
  /** @type {Buffer} */
  let bytes = Buffer.from(whole);
  for (let times = choose.of([0, 1, 1, 2, 4, 8]); times > 0 && bytes.length > 0; times--)
    bytes = moved(choose, bytes, IN_XML);
  return bytes;
}

/** A piece in the place of another, or beside it. @param {Choose} choose @param {Buffer} bytes @param {readonly RegExp[]} pieces */
function moved(choose, bytes, pieces = PIECES) {
  const places = [...bytes.toString("latin1").matchAll(choose.of(pieces))];
  if (places.length === 0) return bytes;
  const [from, other] = [choose.of(places), choose.of(places)];
  const text = from[0].startsWith("<") ? "" : choose.of(TEXTS);
  const to =
    from.index + (pieces === IN_XML && !from[0].startsWith("<") ? from[0].length : choose.of([0, from[0].length]));
  const instead = choose.oneIn(3) ? text : other[0];
  return Buffer.concat([bytes.subarray(0, from.index), Buffer.from(instead, "latin1"), bytes.subarray(to)]);
}
