// `node scripts/options.mjs [--write]`: compares what is written from the code, as it was built, with the code: src/jobs/options.ts,
// and the tables in docs/ below `<!-- options: COMMAND -->` (what a command has beside those of aggregate),
// `<!-- options: COMMAND, HEADING -->` and `<!-- codes: reasons|warnings|problems -->`, and profiles/schema.json. `--write` writes
// them anew.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { textOf } from "../dist/base/message.js";
import { CHANGES_MEANING, WARNINGS } from "../dist/base/warning.js";
import { JOB_OPTIONS } from "../dist/jobs/job-options.js";
import { defaultOf, placeholderOf, saysOf, sentence } from "../dist/jobs/option.js";
import { entriesOf, OPTIONS } from "../dist/jobs/option-table.js";
import { profileSchema } from "../dist/jobs/profile-schema.js";
import { REASONS } from "../dist/scan/reasons.js";
import { PROBLEMS } from "../dist/service/http/problem.js";
import { root } from "./ready.mjs";

/** @typedef {import("../dist/jobs/option.js").OptionEntry} OptionEntry */

const TYPES_FILE = "src/jobs/options.ts";
const SCHEMA_FILE = "profiles/schema.json";
const PAGES = ["docs/cli.md", "docs/service.md", "docs/output.md", "docs/api.md"];
const CODES_MARK = /^<!-- codes: (\w+) -->\n(?:\n(?:\|.*\n)+)?/gm;
const MARK = /^<!-- options: (\w+)(?:, (.+))? -->\n\n(?:\|.*\n)+/gm;
const WIDTH = 120;
const TYPES = {
  ...{
    text: "string",
    day: "string",
    texts: "readonly string[]",
    names: "string | readonly string[]",
    choice: "string",
    choices: "string[]",
  },
  ...{ flag: "boolean", whole: "number", size: "number" },
};

/** The interfaces that the library exports. Editors show their comments, and would show none of types that are inferred. */
export function typesText(/** @type {Readonly<Record<string, OptionEntry>>} */ table = JOB_OPTIONS) {
  const all = Object.entries(table).filter(([, { commands }]) => commands.aggregate);
  const parts = [
    { name: "ReadOptions", about: "How records are to be read.", heading: "How to read records" },
    { name: "SummaryOptions", about: "What to sum.", heading: "What to sum" },
    { name: "FileOptions", about: "How the files are written.", heading: "Files" },
  ].map((part) => ({
    ...part,
    // What only `aggregate` has stands with the rest.
    own: all.filter(([, { heading, commands }]) => heading === part.heading && (commands.load || commands.export)),
  }));
  const rest = all.filter((one) => !parts.some(({ own }) => own.includes(one)));
  const names = parts.map(({ name }) => name).join(", ");
  const jobs = [
    { name: "LoadOptions", about: "The options of `load`.", command: "load", extended: ["ReadOptions"] },
    {
      ...{ name: "ExportOptions", about: "The options of `exportFiles`.", command: "export" },
      extended: ["SummaryOptions", "FileOptions"],
    },
    { name: "QualityOptions", about: "The options of `quality`.", command: "quality", extended: ["ReadOptions"] },
  ].map(({ name, about, command, extended }) => {
    const inherited = parts
      .filter((part) => extended.includes(part.name))
      .flatMap(({ own }) => own.map(([own]) => own));
    const own = entriesOf(/** @type {import("../dist/jobs/option.js").Command} */ (command), table).filter(
      ([option]) => !inherited.includes(option),
    );
    return `/** ${about} */\nexport interface ${name} extends ${extended.join(", ")} {\n${own.map(member).join("")}}\n`;
  });
  return [
    "/** Written from option-table.ts by `node scripts/options.mjs --write`: as interfaces, whose comments editors show. */\n",
    ...parts.map(
      ({ name, about, own }) => `/** ${about} */\nexport interface ${name} {\n${own.map(member).join("")}}\n`,
    ),
    `/** The options of \`aggregateFiles\`. */\nexport interface AggregateOptions extends ${names} {\n${rest.map(member).join("")}}\n`,
    ...jobs,
  ].join("\n");
}

function member(/** @type {[string, OptionEntry]} */ [name, entry]) {
  const { kind, choices } = entry;
  const one = choices?.map((choice) => `"${choice}"`).join(" | ");
  const type = one === undefined ? TYPES[kind] : kind === "choices" ? `readonly (${one})[]` : one;
  const unit = kind === "size" ? ", in bytes" : "";
  // A pointer may have what would end the comment.
  const text =
    `${sentence(textOf(saysOf(entry), "library"))}${unit}. Default: ${textOf(defaultOf(entry) ?? "none", "library")}.`.replaceAll(
      "*/",
      "*\\/",
    );
  const lines = wrapped(text, WIDTH - "   * ".length);
  const comment =
    lines.length === 1 && text.length <= WIDTH - 9
      ? `  /** ${text} */\n`
      : `  /**\n${lines.map((line) => `   * ${line}\n`).join("")}   */\n`;
  return `${comment}  ${name}?: ${type} | undefined;\n`;
}

/** A page of docs/ with its tables as they should be. */
export function pageText(
  /** @type {string} */ page,
  /** @type {Readonly<Record<string, OptionEntry>>} */ table = OPTIONS,
) {
  if (page.search(MARK) < 0 && page.search(CODES_MARK) < 0)
    throw new Error("the page has no table of options or codes, so nothing was compared");
  const coded = page.replaceAll(CODES_MARK, (_, codes) => `<!-- codes: ${codes} -->\n\n${codesTable(codes)}`);
  return coded.replaceAll(MARK, (_, command, heading) => {
    const rows = entriesOf(command, table)
      .filter(([, entry]) => heading === undefined || entry.heading === heading)
      .map(row);
    const others = heading === undefined ? entriesOf("aggregate", table).map(row) : [];
    const mark = `<!-- options: ${command}${heading === undefined ? "" : `, ${heading}`} -->`;
    const own = rows.filter((one) => !others.includes(one));
    return `${mark}\n\n| option | meaning | default |\n| --- | --- | --- |\n${own.join("")}`;
  });
}

/** The table of the reasons why records are bad, of warnings, or of problems. */
function codesTable(/** @type {string} */ codes) {
  if (codes === "problems")
    return table(
      "status | code | meaning",
      Object.entries(PROBLEMS)
        .sort(([, [a]], [, [b]]) => a - b)
        .map(([code, [status, title]]) => `${status} | \`${code}\` | ${title}`),
    );
  if (codes === "warnings")
    return table(
      "code | meaning",
      Object.entries(WARNINGS).map(
        ([code, meaning]) =>
          `\`${code}\`${CHANGES_MEANING.has(/** @type {keyof typeof WARNINGS} */ (code)) ? " \\*" : ""} | ${meaning}`,
      ),
    );
  if (codes !== "reasons") throw new Error(`there is no list of ${codes}`);
  return table(
    "reason | meaning",
    Object.entries(REASONS).map(([code, meaning]) => `\`${code}\` | ${meaning}`),
  );
}

function table(/** @type {string} */ head, /** @type {readonly string[]} */ rows) {
  return [head, head.replace(/[^|]+/g, " --- ").trim(), ...rows].map((line) => `| ${line} |\n`).join("");
}

function row(/** @type {[string, OptionEntry]} */ [name, entry]) {
  const { short, each } = entry;
  const flag = `${short ? `-${short}, ` : ""}${textOf([{ option: each ?? name }], "commandLine")}`;
  const value = placeholderOf(entry);
  const cells = [
    `\`${value === undefined ? flag : `${flag} ${value}`}\``,
    saysOf(entry),
    name === "help" ? "" : (defaultOf(entry) ?? ""),
  ];
  return `|${cells.map((cell) => (cell === "" ? " |" : ` ${textOf(cell, "commandLine").replaceAll("|", "\\|")} |`)).join("")}\n`;
}

function wrapped(/** @type {string} */ text, /** @type {number} */ width) {
  return text.match(new RegExp(`\\S.{0,${width - 1}}(?=\\s|$)`, "g")) ?? [];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const files = [
    { name: TYPES_FILE, right: typesText() },
    { name: SCHEMA_FILE, right: `${JSON.stringify(profileSchema, undefined, 2)}\n` },
    ...PAGES.map((name) => ({ name, right: pageText(readFileSync(join(root, name), "utf8")) })),
  ];
  for (const { name, right } of files) {
    if (existsSync(join(root, name)) && readFileSync(join(root, name), "utf8") === right) continue;
    if (process.argv.includes("--write")) writeFileSync(join(root, name), right);
    else {
      console.error(`${name} is not as the code has it; node scripts/options.mjs --write writes it anew`);
      process.exitCode = 1;
    }
  }
}
