/** Workbooks: the first sheet that is shown is a table, its numbers by their shortest decimals, its dates as ISO 8601. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { resolveInputs } from "../../dist/input/resolve.js";
import { openStream } from "../../dist/input/stream.js";
import { electro } from "../oracle/electro.js";
import { withApp } from "../service/in-process.js";
import { zipOf } from "./zip-samples.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "electro-workbook-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const SHEETS = '<sheets><sheet name="Data" sheetId="1" r:id="rId1"/></sheets>';
const FORMATS = [
  "General",
  "dd/mm/yyyy",
  'hh:mm:ss "o\'clock"',
  "[$-409]d mmm yy h:mm AM/PM;@",
  "0.00",
  "[h]:mm",
  "mm:ss.0",
  '"day" 0',
];

interface Parts {
  /** The rows of the sheet. */
  rows?: string;
  sheet?: string;
  sheets?: string;
  settings?: string;
  texts?: string;
  more?: Record<string, string | Buffer>;
}

function workbook({ rows = "", sheet, sheets = SHEETS, settings = "", texts, more = {} }: Parts): Buffer {
  const main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';
  const type = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet";
  const formats = FORMATS.map(
    (code, n) => `<numFmt numFmtId="${164 + n}" formatCode="${code.replaceAll('"', "&quot;")}"/>`,
  );
  const styles = [...FORMATS.map((_, n) => 164 + n), 14, 20, 22, 2].map((id) => `<xf numFmtId="${id}"/>`);
  const parts: Record<string, string | Buffer> = {
    "[Content_Types].xml": "<Types/>",
    "xl/workbook.xml": `<workbook ${main} xmlns:r="x">${settings}${sheets}</workbook>`,
    "xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId1" Type="${type}" Target="worksheets/s1.xml"/><Relationship Id="rId2" Type="${type}" Target="/xl/worksheets/s2.xml"/><Relationship Id="rId3" Type="x/chartsheet" Target="c.xml"/></Relationships>`,
    "xl/styles.xml": `<styleSheet ${main}><numFmts>${formats.join("")}</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs>${styles.join("")}</cellXfs></styleSheet>`,
    "xl/worksheets/s1.xml":
      sheet ?? `<?xml version="1.0"?><worksheet ${main}><sheetData>${rows}</sheetData></worksheet>`,
    "xl/worksheets/s2.xml": `<worksheet ${main}><sheetData><row><c><v>2</v></c></row></sheetData></worksheet>`,
    ...(texts === undefined ? {} : { "xl/sharedStrings.xml": `<sst ${main}>${texts}</sst>` }),
    ...more,
  };
  return zipOf(Object.entries(parts).map(([name, content]) => ({ name, content })));
}

async function read(parts: Parts): Promise<{ text: string; warnings: string[] }> {
  writeFileSync(join(folder, "w.xlsx"), workbook(parts));
  const { inputs, warnings } = await resolveInputs(["w.xlsx"], { cwd: folder, exclude: [] });
  const blocks: Uint8Array[] = [];
  for await (const block of openStream(inputs[0]!)) blocks.push(block);
  return { text: new TextDecoder().decode(Buffer.concat(blocks)), warnings: warnings.map(({ message }) => message) };
}

describe("cells", () => {
  test.each([
    ["0.10000000000000001", 0, "0.1"],
    ["0.30000000000000004", 0, "0.30000000000000004"],
    ["1E-4", 0, "0.0001"],
    ["-5", 4, "-5"],
    ["54141234567890", 0, "54141234567890"],
    ["45322", 0, "45322"],
    ["45322", 1, "2024-01-31"],
    ["45322.5", 1, "2024-01-31T12:00:00"],
    ["45322.010416666664", 3, "2024-01-31T00:15:00"],
    ["45322.57291666667", 10, "2024-01-31T13:45:00"],
    ["45322.000005787037", 10, "2024-01-31T00:00:00.500"],
    ["0.57291666666666663", 2, "13:45:00"],
    ["0.5", 9, "12:00:00"],
    ["0.5", 5, "12:00:00"],
    ["0.5", 6, "12:00:00"],
    ["45322", 8, "2024-01-31"],
    ["1", 1, "1900-01-01"],
    ["59", 1, "1900-02-28"],
    ["61", 1, "1900-03-01"],
    ["5", 7, "5"],
    ["5", 11, "5"],
    ["-1", 1, "-1"],
    ["1e300", 1, "1e+300"],
  ])("the number %s in style %d is %s", async (value, style, expected) => {
    expect((await read({ rows: `<row><c s="${style}"><v>${value}</v></c></row>` })).text).toBe(`${expected}\n`);
  });

  test("dates count from 1904 where the workbook says so", async () => {
    const rows = '<row><c s="1"><v>43860</v></c><c s="10"><v>0.5</v></c></row>';
    const settings = '<workbookPr date1904="1"/>';
    expect((await read({ rows, settings })).text).toBe("2024-01-31,1904-01-01T12:00:00\n");
  });

  test("of texts, formulas and others are what they show", async () => {
    const texts = `<si><t>meter_id</t></si><si><r><t xml:space="preserve">a </t></r><r><t>"b", c</t></r><rPh><t>no</t></rPh></si>`;
    const rows = `<row r="2"><c r="A2" t="s"><v>0</v></c><c r="C2" t="s"><v>1</v></c></row>
      <row r="4"><c r="A4" t="inlineStr"><is><t>in &amp; line</t></is></c><c r="B4" t="str"><f>A1&amp;"x"</f><v>made</v></c>
      <c r="C4" t="b"><v>1</v></c><c r="D4" t="e"><v>#N/A</v></c><c r="E4" t="d"><v>2024-01-31T13:00:00</v></c><c r="AA4"/></row>`;
    expect((await read({ texts, rows })).text).toBe(
      `\nmeter_id,,"a ""b"", c"\n\n"in & line",made,TRUE,"#N/A",2024-01-31T13:00:00\n`,
    );
  });
});

test("empty cells past the width of the first row, which only have a format, are no cells", async () => {
  const rows = `<row><c r="A1"><v>1</v></c><c r="C1"><v>2</v></c><c r="XFD1"/></row><row><c r="A2"><v>3</v></c><c r="C2"/><c r="XFD2"/></row>`;
  expect((await read({ rows })).text).toBe("1,,2\n3,,\n");
});

test("the first sheet that is shown is read, and the others are told", async () => {
  const sheets = `<sheets><sheet name="hidden" r:id="rId1" state="hidden"/><sheet name="chart" r:id="rId3"/><sheet name="B &amp; C" r:id="rId2"/><sheet name="D" r:id="rId1"/></sheets>`;
  expect(await read({ sheets })).toEqual({
    text: "2\n",
    warnings: ['w.xlsx: read the sheet "B & C", and skipped "D"; to read another one, save it as a file of its own'],
  });
});

test("names of elements may have a prefix", async () => {
  const sheet =
    '<x:worksheet xmlns:x="m"><x:sheetData><x:row r="1"><x:c r="B1"><x:v>7</x:v></x:c></x:row></x:sheetData></x:worksheet>';
  expect((await read({ sheet })).text).toBe(",7\n");
});

describe("what is damaged or hostile is an error", () => {
  const levels = "<a>".repeat(200);
  test.each<[string, Parts, string]>([
    ["what is no XML", { sheet: "<worksheet><row>" }, "the workbook cannot be read: xl/worksheets/s1.xml is no XML: "],
    ["entities", { sheet: '<!DOCTYPE a [<!ENTITY b "cc">]><worksheet>&b;</worksheet>' }, "s1.xml is no XML: "],
    ["levels without end", { sheet: levels }, "s1.xml has more than 100 levels"],
    [
      "a text without end",
      { sheet: `<worksheet a="${" ".repeat(17_000_000)}` },
      "has a text or tag of more than 16 MiB",
    ],
    [
      "a cell without end",
      { rows: `<row><c t="inlineStr">${`<is><t>${"x".repeat(30_000)}</t></is>`.repeat(2)}</c></row>` },
      "s1.xml has a cell of more than 32,767 characters",
    ],
    [
      "shared texts without end",
      { texts: `<si>${`<t>${"x".repeat(30_000)}</t>`.repeat(2)}</si>` },
      "xl/sharedStrings.xml has a cell of more than 32,767 characters",
    ],
    [
      "a text that is not there",
      { rows: '<row><c t="s"><v>5</v></c></row>' },
      "refers to text 5, which the workbook does not have",
    ],
    ["rows out of order", { rows: '<row r="5"/><row r="4"/>' }, "s1.xml has a row 4 after row 5"],
    ["a row that no sheet has", { rows: '<row r="99999999"/>' }, "s1.xml has a row 99999999 after row 0"],
    ["a column that no sheet has", { rows: '<row><c r="ZZZ1"/></row>' }, "s1.xml has a cell ZZZ1 outside of a sheet"],
    ["no sheet", { sheets: "" }, "there is no sheet in it that is shown"],
    ["an empty part", { more: { "xl/worksheets/s1.xml": "" } }, "s1.xml is no XML"],
    [
      "bytes that are no UTF-8",
      { more: { "xl/worksheets/s1.xml": Buffer.from([60, 97, 62, 255]) } },
      "s1.xml is no UTF-8",
    ],
  ])("%s", async (_, parts, message) => {
    await expect(read(parts)).rejects.toMatchObject({
      code: "input_damaged",
      message: expect.stringContaining(message),
    });
  });
});

test("a workbook is summed, loaded once, and taken as a body", async () => {
  const cells = (n: number) =>
    `<row><c s="10"><v>${45322 + n / 96}</v></c><c><v>${n % 2 === 0 ? 0.1 : 0.2}</v></c><c><v>5414</v></c></row>`;
  const head = "timestamp kWh_value meter_id".split(" ").map((name) => `<c t="str"><v>${name}</v></c>`);
  const bytes = workbook({
    rows: `<row><c t="str"><v>A title</v></c></row><row>${head.join("")}</row>${Array.from({ length: 96 }, (_, n) => cells(n)).join("")}`,
  });
  writeFileSync(join(folder, "s.xlsx"), bytes);
  const args = ["aggregate", "s.xlsx", "--timezone", "Europe/Berlin", "--by-source", "-o", "out"];
  const { status, stderr } = await electro(args, folder);
  expect([status, stderr]).toEqual([0, expect.stringContaining("total 14.4 kWh")]);
  expect(readFileSync(join(folder, "out/daily_data.csv"), "utf8")).toContain("2024-01-31,5414,14.4\n");
  expect(JSON.parse(readFileSync(join(folder, "out/manifest.json"), "utf8")).inputs[0].headerLine).toBe(2);
  for (const said of ["1 input: 1 added", "1 input: 1 already loaded"])
    expect((await electro(["load", "s.xlsx", "--input-timezone", "UTC"], folder)).stderr).toContain(said);
  await withApp({}, async (ask) => {
    const headers = { "content-type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" };
    const sent = await ask("POST", "/v1/readings", { body: bytes, headers });
    expect([sent.status, sent.json.readings, sent.json.total_kWh]).toEqual([201, 96, "14.4"]);
  });
});
