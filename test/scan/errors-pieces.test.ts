/** However the bytes of a damaged dataset are cut on their way in, the same is said of them. */
import { describe, expect, test } from "vitest";
import { aggregateIn, type Bytes, bytes, inFolder, READ, SKIP } from "./errors-support.js";

const ROW = "2024-01-31T13:00:00Z,1,a";

const DATASETS: Readonly<Record<string, Bytes>> = {
  "lines that are damaged": `${READ}\n{"timestamp":"2024\n${READ}\n42\n---\r\n{"a":\n${READ}\n${READ}\n{"b":[1,`,
  "a first line of something else": `# export\n\n${READ}\n${READ}`,
  "a first line of something else, and no more": "# export",
  "bytes that are not UTF-8": bytes(
    `${READ}\n{"a":"`,
    [0xe2, 0x82],
    `"}\n{"a":"\\ud83d\\u0041"}\n{"a":"\\ud83d"}\n`,
    READ,
  ),
  "records of several lines": `{\n${READ.slice(1)}\n{\n"a": oops\n}\n${READ}`,
  "an array with bad records": `[${READ},\n42 , {"a":[{"b":1}]},\n"x",${READ}]\n`,
  "an array that breaks": `[${READ},\n${READ}\n{} oops, ${READ}]`,
  "an array with a comma at its end": `[${READ},\n${READ},\n ] rest`,
  "an array that is cut off": `[${READ},\n${READ.slice(0, -5)}`,
  "arrays, and text between": `[${READ}],\n[${READ}]\n]\n${READ}`,
  "a wrapper": `{"a":[1,2],"data":[${READ},{}],"b":null}\n`,
  "a wrapper that breaks": `{"a":[1,2],"data":[${READ},{"b":1 2}],"b":null}\n`,
  "two arrays of objects": `{"a":[${READ}],"b":[{}]}`,
  "CSV with damaged rows": `timestamp,kWh_value,meter_id\r\n${ROW}\r\n\r\n${ROW},b\n2024-01-31T13:00:00Z,1,"a\n${ROW}\n"x"y,1,a\n${ROW}`,
  "CSV without a header": `${ROW}\n${ROW}\n`,
  "a header named twice": "timestamp,kWh_value,kWh_value\n",
  "a byte-order mark": bytes([0xef, 0xbb, 0xbf], `${READ}\n\ufeff${READ}`),
  "a byte-order mark and blanks": bytes([0xef, 0xbb, 0xbf], "\n \n"),
  "UTF-16": bytes([0xff, 0xfe], Buffer.from(READ, "utf16le")),
  "UTF-16 without a mark": Buffer.from(READ, "utf16le"),
  "an HTML page": "\n<!DOCTYPE html>\n<html>\n",
  "one byte": "{",
};

function* pieces(content: Bytes, length: number): Generator<Uint8Array> {
  const all = Buffer.from(content as string);
  for (let at = 0; at < all.length; at += length) yield all.subarray(at, at + length);
}

describe.each(Object.entries(DATASETS))("%s", (_, content) => {
  test.each([1, 2, 7, 50])("gives the same messages in pieces of %d bytes", (length) =>
    inFolder(async (folder) => {
      const args = ["-", ...SKIP, "--rejects", "bad.ndjson", "-v"];
      const whole = await aggregateIn(folder, args, [Buffer.from(content as string)]);
      const cut = await aggregateIn(folder, args, pieces(content, length));
      const told = (said: string[]) => said.filter((line) => !line.startsWith("debug"));
      expect(told(cut.said)).toEqual(told(whole.said));
      expect(cut.files).toEqual(whole.files);
    }),
  );
});
