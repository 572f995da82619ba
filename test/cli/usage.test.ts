/** Wrong usage: what is said of it, word for word, and exit status 2. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { run } from "../../dist/cli/program.js";
import { fakeWorld } from "./fake-world.js";

const MAIN = fileURLToPath(new URL("../../dist/bin/electro.js", import.meta.url));

const NO_INPUT =
  "no INPUT; name the files, folders, globs or http(s) addresses to read, or - for standard input, " +
  "as in electro aggregate readings.json";

/** Arguments after `electro aggregate`, and the error. */
const AGGREGATE: [args: string[], error: string][] = [
  [[], NO_INPUT],
  [["--by-source"], NO_INPUT],
  [[""], "an INPUT is empty; perhaps a shell variable is not set"],

  [["a.json", "--timezon", "UTC"], "unknown option '--timezon'; did you mean --timezone?"],
  [["a.json", "--timezon=UTC"], "unknown option '--timezon'; did you mean --timezone?"],
  [["--bysource", "a.json"], "unknown option '--bysource'; did you mean --by-source?"],
  [["a.json", "--fram", "x"], "unknown option '--fram'; did you mean --from?"],
  [["a.json", "--tz", "UTC"], "unknown option '--tz'; did you mean --timezone?"],
  [["a.json", "--input-tz", "UTC"], "unknown option '--input-tz'; did you mean --input-timezone?"],
  [["a.json", "--out", "x"], "unknown option '--out'; did you mean --output?"],
  [["a.json", "--time", "x"], "unknown option '--time'"],
  [["a.json", "--qqqqqqqq"], "unknown option '--qqqqqqqq'"],
  [["a.json", "-x"], "unknown option '-x'"],
  [["a.json", "-qx"], "unknown option '-x'"],
  [["a.json", "--version"], "unknown option '--version'"],

  [["a.json", "-o"], "option -o needs a value: -o DIR"],
  [["a.json", "--output"], "option --output needs a value: --output DIR"],
  [["a.json", "--unit"], "option --unit needs a value: --unit Wh|kWh|MWh|GWh|W|kW|MW"],
  [
    ["a.json", "-o", "--by-source"],
    "option -o needs a value: -o DIR, but --by-source follows; if that is the value, write --output=--by-source",
  ],
  [["a.json", "-qo", "-v"], "option -o needs a value: -o DIR, but -v follows; if that is the value, write --output=-v"],
  [["a.json", "-o=out"], "option -o takes its value after a space, or write --output=…"],
  [["a.json", "--output="], '--output: "" is empty'],
  [["a.json", "--value-field", ""], '--value-field: "" is empty'],
  [["a.json", "--by-source=yes"], "option --by-source takes no value"],

  [["a.json", "--timezone", "UTC", "--timezone", "UTC"], "option --timezone is given twice; give it once"],
  [["a.json", "-o", "a", "--output=b"], "option --output is given twice; give it once"],
  [["a.json", "--unit", "Wh", "--unit", "kWh"], "option --unit is given twice; give it once"],
  [["a.json", "--workers", "1", "--workers", "2"], "option --workers is given twice; give it once"],

  [["a.json", "--unit", "kwh"], '--unit: "kwh" must be Wh, kWh, MWh, GWh, W, kW or MW; did you mean kWh?'],
  [["a.json", "--unit", "J"], '--unit: "J" must be Wh, kWh, MWh, GWh, W, kW or MW'],
  [["a.json", "--stamps", "middle"], '--stamps: "middle" must be start or end'],
  [["a.json", "--on-error", "Skip"], '--on-error: "Skip" must be fail or skip; did you mean skip?'],
  [["a.json", "--file-date", "us"], '--file-date: "us" must be dd_mm or iso'],
  ...(
    [
      ["", "", ""],
      ["hour,minute", "minute", ""],
      ["hour,hour,days", "days", "; did you mean day?"],
      ["week, month", " month", "; did you mean month?"],
    ] as const
  ).map(([given, other, hint]): [string[], string] => [
    ["a.json", "--resolutions", given],
    `--resolutions: "${given}" has "${other}", which is not one of 15min, hour, day, week, month, year, total${hint}`,
  ]),
  [["a.json", "--resolutions"], "option --resolutions needs a value: --resolutions LIST"],
  [["a.json", "--log-format", "xml"], '--log-format: "xml" must be text or json'],

  [["a.json", "--workers", "0"], '--workers: "0" is not a whole number from 1 to 1024'],
  [["a.json", "--workers", "1025"], '--workers: "1025" is not a whole number from 1 to 1024'],
  [["a.json", "--workers", "1.5"], '--workers: "1.5" is not a whole number from 1 to 1024'],
  [["a.json", "--workers", "-1"], '--workers: "-1" is not a whole number from 1 to 1024'],
  [["a.json", "--workers", " 1"], '--workers: " 1" is not a whole number from 1 to 1024'],
  [["a.json", "--workers", "1e1"], '--workers: "1e1" is not a whole number from 1 to 1024'],
  [["a.json", "--decimals", "19"], '--decimals: "19" is not a whole number from 0 to 18'],
  [["a.json", "--decimals="], '--decimals: "" is not a whole number from 0 to 18'],
  [["a.json", "--max-days", "x"], '--max-days: "x" is not a whole number from 1 to 110000'],
  [["a.json", "--max-days", "0"], '--max-days: "0" is not a whole number from 1 to 110000'],
  [["a.json", "--memory", "2"], '--memory: "2" is not a size; write a number and a unit, such as 2GB or 512MiB'],
  [["a.json", "--memory", "2G"], '--memory: "2G" is not a size; write a number and a unit, such as 2GB or 512MiB'],
  [["a.json", "--memory", "99MB"], '--memory: "99MB" is too small; the least is 100MB'],

  [["a.json", "--json", "--print"], "--json and --print both want standard output; choose one"],
  [["a.json", "-q", "-v"], "--quiet and --verbose say the opposite; choose one"],
  [["a.json", "-qv"], "--quiet and --verbose say the opposite; choose one"],

  [["a.json", "--\x1b[31mred\n"], "unknown option '--\\x1b[31mred\\n'"],
];

describe("electro aggregate", () => {
  test.each(AGGREGATE)("%j", async (args, error) => {
    const world = fakeWorld();
    expect(await run(["aggregate", ...args], world)).toBe(2);
    expect(world.stderr.text).toBe(`error: ${error}\nSee electro aggregate --help.\n`);
    expect(world.stdout.text).toBe("");
  });
});

const PROGRAM: [args: string[], error: string][] = [
  [["readings.json"], "unknown command 'readings.json'; files are summed with electro aggregate INPUT…"],
  [["aggregat", "a.json"], "unknown command 'aggregat'; did you mean aggregate?"],
  [["help", "aggregat"], "unknown command 'aggregat'; did you mean aggregate?"],
  [["--timezone", "UTC", "a.json"], "option --timezone goes after the command, as in electro aggregate --timezone"],
  [["--timezone=UTC", "a.json"], "option --timezone goes after the command, as in electro aggregate --timezone"],
  [["-v"], "option -v goes after the command, as in electro aggregate -v"],
  [["versoin"], "unknown command 'versoin'; did you mean version?"],
  [["--versio"], "unknown option '--versio'; did you mean --version?"],
  [["--foo", "aggregate"], "unknown option '--foo'"],
];

describe("electro", () => {
  test.each(PROGRAM)("%j", async (args, error) => {
    const world = fakeWorld();
    expect(await run(args, world)).toBe(2);
    expect(world.stderr.text).toBe(`error: ${error}\nSee electro --help.\n`);
    expect(world.stdout.text).toBe("");
  });

  test("without a command, shows the help on standard error", async () => {
    const [bare, help] = [fakeWorld(), fakeWorld()];
    expect(await run([], bare)).toBe(2);
    expect(await run(["--help"], help)).toBe(0);
    expect(bare.stderr.text).toBe(help.stdout.text);
    expect(bare.stdout.text).toBe("");
  });
});

test("with --log-format json, an error of usage is one JSON line", async () => {
  for (const format of [["--log-format", "json"], ["--log-format=json"]]) {
    const world = fakeWorld();
    expect(await run(["aggregate", "a.json", ...format, "--fromm"], world)).toBe(2);
    expect(world.stderr.text).toBe(
      '{"time":"2026-01-02T03:04:05.678Z","level":"error","code":"unknown_option",' +
        `"message":"unknown option '--fromm'; did you mean --from?"}\n`,
    );
  }
});

test("the command itself ends with status 2", () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, "aggregate", "--fromm"], {
    encoding: "utf8",
    timeout: 100_000,
  });
  expect({ status, stdout, stderr }).toEqual({
    status: 2,
    stdout: "",
    stderr: "error: unknown option '--fromm'; did you mean --from?\nSee electro aggregate --help.\n",
  });
});
