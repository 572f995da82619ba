/** The data that lie in a report's own page, compressed and as base64, in an element that shows nothing. */
import { extractOf } from "../../profile/extract.js";
import { Local } from "./local.js";

/** The id of that element. */
const PLACE = "electro-data";

/** @returns `undefined` if the page has none @throws Error if they are damaged */
export async function embeddedData(): Promise<Local | undefined> {
  const text = document.getElementById(PLACE)?.textContent;
  if (text === undefined || text === null) return undefined;
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let n = 0; n < bytes.length; n++) bytes[n] = characters.charCodeAt(n);
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const { extract, about } = extractOf(new Uint8Array(await new Response(unpacked).arrayBuffer()));
  return new Local(extract, about);
}
