/** Datasets as machines write them: a few shapes of records, repeated with changing values, in any form of a dataset. */
import { integers, numbers, ODD_IDS, texts, timestamps } from "./values.mjs";

/** @typedef {import("./choose.mjs").Choose} Choose */
/** @typedef {import("./values.mjs").Maker} Maker */
/** @typedef {import("../oracle/options.js").Options} Options */

/** Options that change how records are read or counted. Zones with gaps, by the half hour, off the hour, and fixed. */
const ZONES = [
  ...[undefined, undefined, undefined, undefined, "Z", "Europe/Berlin", "Europe/Berlin", "Australia/Lord_Howe"],
  ...["Australia/Lord_Howe", "America/St_Johns", "Asia/Kathmandu", "Asia/Kathmandu"],
];

/** @param {Choose} choose @returns {Options} */
export function someOptions(choose) {
  /** @type {Record<string, unknown>} */
  const options = {
    timezone: choose.oneIn(30) ? "+05:37" : choose.of(ZONES),
    inputTimezone: choose.oneIn(30) ? "+05:37" : choose.of(ZONES),
    bySource: choose.oneIn(2),
    stamps: choose.of([undefined, "end"]),
    unit: choose.of([undefined, undefined, "Wh", "MWh"]),
    decimalComma: choose.oneIn(4),
    onError: "skip",
    maxDays: 110_000,
  };
  if (choose.oneIn(8)) options["sourceField"] = choose.of(["who", "who.id"]);
  if (choose.oneIn(12)) options["timestampField"] = "at.time";
  if (choose.oneIn(10)) options["records"] = choose.of(["/readings", "/meters/*/readings", "/*/readings", "/a~1b/0"]);
  for (const [name, value] of Object.entries(options)) if (value === undefined || value === false) delete options[name];
  return options;
}

/**
 * @param {Choose} choose
 * @param {Options} options
 * @param {number} records
 * @returns {Buffer}
 */
export function someDataset(choose, options, records) {
  const mark = choose.oneIn(20) ? "\ufeff" : "";
  return Buffer.from(mark + (choose.oneIn(3) ? csv(choose, options, records) : json(choose, options, records)));
}

// ---- JSON -------------------------------------------------------------------------------------------------------

/** @param {Choose} choose @param {Options} options @param {number} records */
function json(choose, options, records) {
  const pointed = options.records !== undefined;
  const form = choose.of(
    pointed ? ["wrapped"] : ["lines", "lines", "lines", "concatenated", "array", "array", "wrapped", "many arrays"],
  );
  const style = choose.of(["compact", "compact", "spaced", "pretty", "wild"]);
  const shapes = shapesOf(choose, () => jsonRecord(choose, options, style));
  const text = Array.from({ length: records }, () => shapes());
  const gap = choose.of(["", " ", "\n", "\n  ", "\r\n"]);
  const end = choose.of(["", "\n"]);
  if (form === "lines") return text.join(choose.of(["\n", "\n", "\n", "\r\n", "\n\n", "\n \n"])) + end;
  if (form === "concatenated") return text.join(choose.of(["", " ", "\t"])) + end;
  const array = (/** @type {string[]} */ items) => `[${gap}${items.join(`,${gap}`)}${gap}]`;
  if (form === "array") return array(text) + end;
  /** @param {string[]} items @param {string} name */
  const object = (items, name = "readings") => objectAround(choose, options, `"${name}":${array(items)}`, gap);
  if (form === "wrapped" && !pointed && choose.oneIn(2)) return object(text) + end;
  // Several datasets one after another: arrays, wrappers, records at the top.
  const groups = [];
  for (let at = 0; at < text.length; at += groups[groups.length - 1].length)
    groups.push(text.slice(at, at + choose.between(1, choose.of([1, 6, 30]))));
  const between = choose.of(["\n", "\n", "", " "]);
  if (options.records === "/meters/*/readings")
    return objectAround(choose, options, `"meters":[${groups.map((some) => object(some))}]`, gap) + end;
  if (options.records === "/*/readings") return array(groups.map((some) => object(some))) + end;
  if (pointed)
    return (
      groups
        .map((some) =>
          options.records === "/readings"
            ? object(some)
            : objectAround(choose, options, `"a/b":[${array(some)},${choose.below(3)}]`, gap),
        )
        .join(between) + end
    );
  if (form === "wrapped") return groups.map((some) => object(some)).join(between) + end;
  const parts = groups.map((some) =>
    choose.of([
      () => array(some),
      () => array(some),
      () => object(some),
      () => some.join("\n"),
      () => choose.of(["[]", '{"readings":[]}', '{"a":[],"b":{"c":[{"x":1}]}}']),
    ])(),
  );
  return parts.join(between) + end;
}

/**
 * An object around an array, perhaps with an id, before the array, after it, or twice.
 * @param {Choose} choose @param {Options} options @param {string} inner @param {string} gap
 */
function objectAround(choose, options, inner, gap) {
  const members = [inner];
  const names = nameOf(options.sourceField) === undefined ? ["meter_id", "source_id"] : [String(options.sourceField)];
  for (let n = choose.of([0, 1, 1, 1, 2]); n > 0; n--) {
    const text = choose.oneIn(60) ? choose.of(["42.0", "[]", '"\\ud800"']) : id(choose)();
    members.splice(choose.below(members.length + 1), 0, member(choose.of(names), text, ":", ""));
  }
  if (choose.oneIn(3)) members.unshift('"made":"2024-01-01"');
  if (choose.oneIn(3)) members.push('"next":null');
  if (choose.oneIn(20)) members.splice(choose.below(members.length + 1), 0, choose.of(['"errors":[]', '"x":[[{}]]']));
  return `{${gap}${members.join(`,${gap}`)}}`;
}

/**
 * One shape, or some of them at random.
 * @param {Choose} choose
 * @param {() => Maker} make
 * @returns {Maker}
 */
function shapesOf(choose, make) {
  const shapes = Array.from({ length: choose.of([1, 1, 1, 1, 1, 1, 1, 2, 2, 3, 12]) }, make);
  const common = shapes[0];
  const mostly = choose.oneIn(2);
  return () => (mostly && !choose.oneIn(4) ? common() : choose.of(shapes)());
}

/** @param {Choose} choose @param {Options} options @param {string} style @returns {Maker} */
function jsonRecord(choose, options, style) {
  /** @type {[string, Maker][]} */
  const members = [
    [options.timestampField ?? "timestamp", quoted(timestamps(choose))],
    ["kWh_value", value(choose, options)],
  ];
  const names = nameOf(options.sourceField) === undefined ? ["meter_id", "source_id"] : [String(options.sourceField)];
  for (const name of names) if (!choose.oneIn(3)) members.push([name, id(choose)]);
  for (let n = choose.of([0, 0, 0, 1, 1, 2, 5, choose.oneIn(20) ? 40 : 0]); n > 0; n--)
    members.push([`extra${n}`, extra(choose)]);
  if (choose.oneIn(16))
    members.push(["a name of many bytes, as machines do not write them".repeat(3), numbers(choose)]);
  const placed = choose.oneIn(3) ? choose.shuffled(members) : members;
  // Blanks here and there, which are the same in all records, or now and then are not.
  const anywhere = () => choose.of(["", " ", "\t", "  "]);
  const places = placed.map(() => [anywhere(), `${anywhere()}:${anywhere()}`]);
  const restless = choose.oneIn(8);
  const [before, colon] = style === "spaced" ? [" ", ": "] : style === "pretty" ? ["\n    ", ": "] : ["", ":"];
  const end = style === "pretty" ? "\n  " : style === "wild" ? anywhere() : "";
  return () => {
    const shown = placed.map(([name, make], i) => {
      if (style !== "wild") return member(name, make(), colon, before);
      return member(name, make(), places[i][1], restless ? anywhere() : places[i][0]);
    });
    return `{${shown.join(",")}${end}}`;
  };
}

/** A name with a dot is written as an object in an object. */
function member(
  /** @type {string} */ name,
  /** @type {string} */ text,
  /** @type {string} */ colon,
  /** @type {string} */ gap,
) {
  const [outer, inner] = name.split(".");
  const content = inner === undefined ? text : `{"${inner}"${colon}${text}}`;
  return `${gap}"${outer}"${colon}${content}`;
}

/** @param {Maker} make @returns {Maker} */
const quoted = (make) => () => JSON.stringify(make());

/** @param {Choose} choose @param {Options} options @returns {Maker} */
function value(choose, options) {
  const make = numbers(choose);
  if (!choose.oneIn(4)) return make;
  const blanks = choose.oneIn(8) ? choose.of([" ", "  ", "\t"]) : "";
  return quoted(() => blanks + (options.decimalComma ? make().replace(".", ",") : make()) + blanks);
}

/** @param {Choose} choose @returns {Maker} */
function id(choose) {
  const kind = choose.of([
    ...Array(16).fill("text"),
    "integer",
    "integer",
    "null",
    "empty",
    "escaped",
    "long",
    "mixed",
    "odd",
  ]);
  if (kind === "integer") return integers(choose);
  if (kind === "null") return () => "null";
  if (kind === "empty") return () => '""';
  // The bytes as they are, so that a backslash begins an escape, or escaped.
  if (kind === "odd")
    return () =>
      choose.of([(/** @type {string} */ id) => `"${id.replace(/"|\t/g, "")}"`, JSON.stringify])(choose.of(ODD_IDS));
  const make = texts(choose);
  if (kind === "escaped") return () => `"${choose.of(["\\u00e9", "\\t", "\\/", "\\ud83d\\ude00"])}${make()}"`;
  if (kind === "mixed") return () => choose.of([quoted(make), () => "null", () => '""', () => "42"])();
  if (kind === "long" && choose.oneIn(40)) return () => `"${make()}${"x".repeat(choose.of([65_530, 70_000]))}"`;
  return quoted(make);
}

/** @param {Choose} choose @returns {Maker} */
function extra(choose) {
  // Ignored text beyond ASCII is a part of the layout, so it is mostly left out.
  const plain = () => texts(choose, choose.oneIn(6) ? "any" : "plain");
  const make = choose.of([() => numbers(choose), () => integers(choose), plain, plain])();
  /** @type {Maker[]} */
  const kinds = [
    make,
    quoted(make),
    quoted(make),
    () => choose.of(["true", "false", "null"]),
    () => `{"a":${JSON.stringify(make())},"b":[1,${choose.below(100)}]}`,
    () => choose.of(['"naïve"', '"naïve"', '"naïve"', '"a\\"b\\\\"', '""']),
    () => '{"timestamp":"x","meter_id":["y"],"none":{}}',
    choose.oneIn(20) ? () => `[${Array.from({ length: 70 }, () => choose.below(3))}]` : quoted(make),
  ];
  const kind = choose.of(kinds.slice(1));
  return /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(make()) && choose.oneIn(2) ? kinds[0] : kind;
}

// ---- CSV --------------------------------------------------------------------------------------------------------

/** @param {Choose} choose @param {Options} options @param {number} records */
function csv(choose, options, records) {
  const separator = choose.of([",", ",", ";", "\t", "|"]);
  const names = [options.timestampField ?? "timestamp", "kWh_value"];
  if (!choose.oneIn(4)) names.push(nameOf(options.sourceField) ?? "meter_id");
  if (choose.oneIn(3) && nameOf(options.sourceField) === undefined) names.push("source_id");
  for (let n = choose.of([0, 0, 1, 2, 5]); n > 0; n--) names.push(`extra${n}`);
  const columns = choose.oneIn(3) ? choose.shuffled(names) : names;
  const rows = shapesOf(choose, () => csvRow(choose, options, columns, separator));
  const lineEnd = choose.of(["\n", "\n", "\n", "\r\n"]);
  return (
    [columns.join(separator), ...Array.from({ length: records }, () => rows())].join(lineEnd) + choose.of(["", lineEnd])
  );
}

/** @param {Choose} choose @param {Options} options @param {readonly string[]} columns @param {string} separator @returns {Maker} */
function csvRow(choose, options, columns, separator) {
  const always = choose.oneIn(4);
  const makers = columns.map((name) => {
    const make = cell(choose, options, name);
    const inQuotes = always || choose.oneIn(6);
    return () => {
      const text = make();
      return inQuotes || /["\n]|\r$/.test(text) || text.includes(separator) ? `"${text.replaceAll('"', '""')}"` : text;
    };
  });
  return () => makers.map((make) => make()).join(separator);
}

/** @param {Choose} choose @param {Options} options @param {string} name @returns {Maker} */
function cell(choose, options, name) {
  if (name === (options.timestampField ?? "timestamp")) return timestamps(choose);
  if (name === "kWh_value") {
    const make = numbers(choose);
    const blanks = choose.oneIn(16) ? " " : "";
    return () => blanks + (options.decimalComma ? make().replace(".", ",") : make()) + blanks;
  }
  const make = choose.of([texts, texts, texts, integers, numbers])(choose);
  const kind = choose.of([...Array(9).fill("plain"), "empty", "sometimes", "odd", "odd id"]);
  if (kind === "odd id") return () => choose.of(ODD_IDS);
  if (kind === "empty") return () => "";
  if (kind === "sometimes") return () => (choose.oneIn(2) ? make() : "");
  if (kind === "odd") return () => make() + choose.of(['"', ",", "\n", ";", "", "\r", "\rb", " "]);
  return make;
}

/** The only name, in these datasets. @param {string | readonly string[] | undefined} name */
function nameOf(name) {
  return name === undefined ? undefined : String(name);
}
