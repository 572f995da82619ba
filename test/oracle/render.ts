/** Drafts of records → the bytes of a dataset in one of its forms. */
import { gzipSync } from "node:zlib";
import type { Id } from "./generate-fields.js";

export interface Draft {
  readonly timestamp: string;
  /** A number in JSON's grammar. */
  readonly number: string;
  /** In JSON, whether the number is in a string. */
  readonly quoted: boolean;
  /** Blanks before and after a number that is text. */
  readonly blanks: readonly [string, string];
  readonly meterId: Id;
  readonly sourceId: Id;
  readonly damage: Damage | undefined;
}

/** What is wrong with a record. A form that cannot have it renders the record as if nothing were. */
export type Damage =
  | { readonly kind: "timestamp" | "value" | "id"; readonly json: string; readonly cell: string }
  | { readonly kind: "no timestamp" | "no value" | "bytes" | "surrogate" | "fewer cells" | "more cells" }
  | { readonly kind: "not an object" | "broken line"; readonly json: string }
  /** The text of a line, changed at a place (0 to 1): what comes of it may even be good. */
  | { readonly kind: "changed line"; readonly place: number; readonly remove: number; readonly insert: string };

export interface Names {
  readonly timestamp: string;
  readonly value: string;
  /** Undefined for `meter_id` and `source_id`. */
  readonly source: string | undefined;
}

export type Form =
  | { readonly kind: "array" | "lines" | "concatenated" | "wrapped" }
  | { readonly kind: "pointed"; readonly pointer: string }
  | { readonly kind: "csv"; readonly separator: string; readonly lineEnd: string };

export interface Style {
  /** 0 renders plainly; any other seeds the choices: key order, blanks, escapes, quotes, further fields. */
  readonly seed: number;
  readonly names: Names;
  readonly decimalComma: boolean;
  readonly bom: boolean;
}

/** Stands in text for a byte that is not UTF-8. */
export const BAD_BYTE = "\ue000";

export function render(drafts: readonly Draft[], form: Form, style: Style): Buffer {
  const text = form.kind === "csv" ? csv(drafts, form, style) : json(drafts, form, style);
  const parts = ((style.bom ? "\ufeff" : "") + text)
    .split(BAD_BYTE)
    .flatMap((part) => [Buffer.from(part), Buffer.of(0xff)]);
  return Buffer.concat(parts.slice(0, -1));
}

/** `random` of a small seeded generator (mulberry32), all zeros for seed 0. */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    if (seed === 0) return 0;
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

class Chooser {
  constructor(private readonly random: () => number) {}
  /** The first for seed 0. */
  of<T>(...options: readonly T[]): T {
    return options[Math.floor(this.random() * options.length)]!;
  }
  oneIn(chances: number): boolean {
    return this.random() > 1 - 1 / chances;
  }
  shuffled<T>(items: readonly T[]): T[] {
    const keyed = items.map((item) => ({ item, key: this.random() }));
    return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
  }
}

function json(drafts: readonly Draft[], form: Exclude<Form, { kind: "csv" }>, style: Style): string {
  const choose = new Chooser(randomOf(style.seed));
  const inLines = form.kind === "lines";
  const spaced = choose.of("", "", " ", "wild");
  const blank = () => (spaced === "wild" ? choose.of("", " ", "\t", ...(inLines ? [] : ["\n", "\r\n  "])) : spaced);
  const texts = drafts.map((draft, index) => {
    // In a wrapper all have to be objects, and the first character of a file tells JSON from CSV.
    const free = form.kind === "array" || form.kind === "pointed" || (inLines && index > 0);
    if (draft.damage?.kind === "not an object" && free) return draft.damage.json;
    if (draft.damage?.kind === "broken line" && inLines && index > 0) return draft.damage.json;
    const text = record(draft, style, choose, blank);
    if (draft.damage?.kind !== "changed line" || !inLines || index === 0) return text;
    const at = Math.floor(draft.damage.place * text.length);
    return text.slice(0, at) + draft.damage.insert + text.slice(at + draft.damage.remove);
  });
  const array = () => `[${blank()}${texts.join(`${blank()},${blank()}`)}${blank()}]`;
  if (inLines) return texts.join(choose.of("\n", "\r\n", "\n\n")) + choose.of("\n", "");
  if (form.kind === "concatenated") return texts.join(choose.of("", " ", "\n", "\r\n\r\n")) + choose.of("", "\n");
  if (form.kind === "array") return blank() + array() + choose.of("", "\n");
  /** Now and then the source of the records in an object that have none: the same, whatever the order of the records. */
  const chooseId = new Chooser(randomOf(style.seed));
  const around = () => {
    const id = chooseId.of(undefined, undefined, '"W"', "42", "null", '""', '"\\u0041"');
    const [name, inner] = (style.names.source ?? chooseId.of("meter_id", "source_id")).split(".");
    if (id === undefined) return [];
    return [inner === undefined ? `"${name}":${id}` : `"${name}":{"${inner}":${id}}`];
  };
  if (form.kind !== "pointed") {
    const members = [
      ...around(),
      `"data":${blank()}${array()}`,
      '"tags":["x",1]',
      '"next":null',
      '"meta":{"list":[{"a":1}]}',
      '"none":"[{}]"',
    ];
    return `{${blank()}${choose.shuffled(members).join(`,${blank()}`)}}${choose.of("", "\n")}`;
  }
  return form.pointer
    .split("/")
    .slice(1)
    .reduceRight((inner, token) => {
      const key = token.replaceAll("~1", "/").replaceAll("~0", "~");
      if (key === "1") return `[[{}],${blank()}${inner}]`;
      if (key === "*") return `[${blank()}${inner}]`;
      const members = ['"other":[{"a":1}]', `${JSON.stringify(key)}:${inner}`, ...around()];
      return `{${choose.shuffled(members).join(`,${blank()}`)}}`;
    }, array());
}

function record(draft: Draft, style: Style, choose: Chooser, blank: () => string): string {
  const { damage } = draft;
  const text = (value: string) => jsonString(value, choose);
  const number = style.decimalComma ? draft.number.replace(".", ",") : draft.number;
  const [timestampJson, valueJson] = [
    damage?.kind === "timestamp" ? damage.json : text(draft.timestamp),
    damage?.kind === "value"
      ? damage.json
      : draft.quoted
        ? text(draft.blanks[0] + number + draft.blanks[1])
        : draft.number,
  ];
  const idJson = (id: Exclude<Id, undefined>) =>
    id.type === "null" ? "null" : id.type === "integer" ? id.text : text(id.text);
  const members: [name: string, json: string][] = [];
  if (damage?.kind !== "no timestamp") members.push([style.names.timestamp, timestampJson]);
  if (damage?.kind !== "no value") members.push([style.names.value, valueJson]);
  const meterName = style.names.source ?? "meter_id";
  if (damage?.kind === "id") members.push([meterName, damage.json]);
  else if (draft.meterId !== undefined) members.push([meterName, idJson(draft.meterId)]);
  if (draft.sourceId !== undefined && damage?.kind !== "id") members.push(["source_id", idJson(draft.sourceId)]);
  if (damage?.kind === "bytes") members.push(["note", `"caf${BAD_BYTE}"`]);
  if (damage?.kind === "surrogate")
    members.push(["note", choose.of('"\\ud800"', '"\\udc00\\ud83d"', '{"\\udfff":[1]}')]);
  if (choose.oneIn(4))
    members.push(["quality", choose.of('"ok"', '{"timestamp":"x","kWh_value":[1,{"a":null}]}', "[]", "1e999", "true")]);

  const shown = choose.shuffled(members).flatMap(([name, value]) => {
    const member = (key: string, content: string) => `${text(key)}${blank()}:${blank()}${content}`;
    const dot = name.indexOf(".");
    const whole =
      dot > 0 && choose.oneIn(2)
        ? member(name.slice(0, dot), `{${member(name.slice(dot + 1), value)}}`)
        : member(name, value);
    // Of a key that comes twice the last counts.
    return choose.oneIn(12)
      ? [member(name, choose.of('"2020-02-30"', "null", "{}", "1")), member(name, value)]
      : [whole];
  });
  return `{${blank()}${shown.join(`${blank()},${blank()}`)}${blank()}}`;
}

function jsonString(value: string, choose: Chooser): string {
  if (!choose.oneIn(6)) return JSON.stringify(value);
  const escaped = value.split("").map((unit) => {
    if (choose.oneIn(2)) return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
    return unit === "/" ? "\\/" : /[\ud800-\udfff]/.test(unit) ? undefined : JSON.stringify(unit).slice(1, -1);
  });
  // Half of a surrogate pair cannot be escaped alone: written raw, it would not be UTF-8.
  return escaped.includes(undefined) ? JSON.stringify(value) : `"${escaped.join("")}"`;
}

function csv(drafts: readonly Draft[], form: Extract<Form, { kind: "csv" }>, style: Style): string {
  const choose = new Chooser(randomOf(style.seed));
  const { names } = style;
  const extra = choose.of("quality", "note");
  const meterName = names.source ?? "meter_id";
  const columns = choose.shuffled([
    ...[names.timestamp, names.value],
    ...(names.source === undefined && choose.oneIn(4) ? [] : [meterName]),
    ...(choose.oneIn(2) ? ["source_id"] : []),
    ...(choose.oneIn(2) ? [extra] : []),
  ]);
  const always = choose.oneIn(4);
  const headerName = (name: string) =>
    choose.of(name, name, name, name.toUpperCase(), ` ${name}`, `${name.toLowerCase()}\u00a0 `);
  // Blanks around a text count only in quotes, so the same text always has them, or never.
  const inQuotes = (value: string) => (value.trim() === value ? choose.oneIn(10) : value.length % 2 === 0);
  const cell = (value: string) =>
    always || /["\r\n]/.test(value) || value.includes(form.separator) || inQuotes(value)
      ? `"${value.replaceAll('"', '""')}"`
      : value;
  const idCell = (id: Id) => (id === undefined || id.type === "null" ? "" : id.text);

  const rows = drafts.map(({ damage, ...draft }) => {
    const number = style.decimalComma ? draft.number.replace(".", ",") : draft.number;
    const cells: Record<string, string> = {
      source_id: idCell(draft.sourceId),
      [meterName]: damage?.kind === "id" ? damage.cell : idCell(draft.meterId),
      [names.timestamp]:
        damage?.kind === "timestamp" ? damage.cell : damage?.kind === "no timestamp" ? "" : draft.timestamp,
      [names.value]:
        damage?.kind === "value"
          ? damage.cell
          : damage?.kind === "no value"
            ? ""
            : draft.blanks[0] + number + draft.blanks[1],
      [extra]: damage?.kind === "bytes" ? BAD_BYTE : choose.of("", "ok", "a\nb", "naïve", '"'),
    };
    const shown = columns.map((name) => cell(cells[name]!));
    if (damage?.kind === "fewer cells") shown.pop();
    if (damage?.kind === "more cells") shown.push("x");
    return shown.join(form.separator);
  });
  return (
    [columns.map((name) => cell(headerName(name))).join(form.separator), ...rows].join(form.lineEnd) +
    choose.of(form.lineEnd, "")
  );
}

export type Packing =
  | { readonly kind: "none" }
  /** `cut` (0 to 1) is where one member ends and the next begins; 0 for one member. */
  | { readonly kind: "gzip" | "zstd"; readonly cut: number };

export function pack(bytes: Buffer, packing: Packing): Buffer {
  if (packing.kind === "none") return bytes;
  const member = packing.kind === "gzip" ? (part: Buffer) => gzipSync(part) : storedFrame;
  const at = Math.floor(bytes.length * packing.cut);
  return Buffer.concat([...(at > 0 ? [member(bytes.subarray(0, at))] : []), member(bytes.subarray(at))]);
}

/** A Zstandard frame whose blocks are stored as they are (RFC 8878): Node 20 has no compressor of it. */
function storedFrame(content: Buffer): Buffer {
  const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0b1010_0000, 0, 0, 0, 0]);
  head.writeUInt32LE(content.length, 5);
  const parts: Buffer[] = [head];
  for (let at = 0; at === 0 || at < content.length; at += 65_536) {
    const block = content.subarray(at, at + 65_536);
    const header = Buffer.alloc(3);
    header.writeUIntLE(block.length * 8 + (at + 65_536 >= content.length ? 1 : 0), 0, 3);
    parts.push(header, block);
  }
  return Buffer.concat(parts);
}
