/** Every reason why a record is bad, and every warning about data, on every surface: each speaks of what its people have. */
import { join } from "node:path";
import { Readable } from "node:stream";
import { beforeAll, describe, expect, test } from "vitest";
import { WARNINGS, type WarningCode } from "../../dist/base/warning.js";
import { aggregate, BadRecordsError } from "../../dist/index.js";
import { REASONS, type Reason } from "../../dist/scan/reasons.js";
import { electro, inFolder } from "../oracle/electro.js";
import { send, withService } from "../service/support.js";

interface Example {
  readonly body: string | Uint8Array;
  /** Options by their names in code. */
  readonly options?: Readonly<Record<string, string | number | true | readonly string[]>>;
}

const LINE = '{"timestamp":"2024-10-27T02:30:00","kWh_value":1}\n';
const NEM = "200,6305000123,E1,1,E1,N1,M1,kWh,30,\n";
const HEAD = "timestamp,kWh_value\n";
const BERLIN = { inputTimezone: "Europe/Berlin" };
const lines = (count: number, line: (n: number) => string) => Array.from({ length: count }, (_, n) => line(n)).join("");
const at = (hour: number) => new Date(Date.UTC(2024, 0, 1, hour)).toISOString();

const shown = (...readings: [hour: number, value: number][]) =>
  readings.map(([hour, value]) => `{"timestamp":"${at(hour)}","kWh_value":${value}}\n`).join("");

const BAD: Readonly<Record<Reason, readonly Example[]>> = {
  missing_timestamp: [
    { body: '{"time":"2024-01-31T13:00:00Z","kWh_value":1}\n' },
    { body: '{"timestamp":"2024-01-31T13:00:00Z","kWh_value":1}\n{"rows":[]}\n' },
    { body: '{"name":"x","data":{"rows":[{"timestamp":"2024-01-31T13:00:00Z","kWh_value":1}]}}\n{"a":1}\n' },
  ],
  bad_timestamp: [
    { body: '{"timestamp":"2024-02-30T13:00:00Z","kWh_value":1}\n' },
    { body: '{"timestamp":1706706000,"kWh_value":1}\n' },
    { body: '{"timestamp":"31.01.2024 13:00","kWh_value":1}\n' },
    { body: '{"timestamp":"2024-01-31","kWh_value":1}\n' },
  ],
  repeated_wall_time: [{ body: LINE, options: { ...BERLIN, repeatedHour: "fail" } }],
  missing_interval: [
    { body: '{"timestamp":"2024-01-31T13:00:00Z","kWh_value":1}\n', options: { endField: ["end"] } },
    { body: '{"timestamp":"2024-01-31T13:00:00Z","kWh_value":1}\n', options: { durationField: "seconds" } },
  ],
  bad_interval: [
    {
      body: '{"timestamp":"2024-01-31T13:00:00Z","kWh_value":1,"end":"2024-01-31T12:00:00Z"}\n',
      options: { endField: ["end"] },
    },
    { body: '{"timestamp":"2024-01-31T13:00:00Z","kWh_value":1,"end":"later"}\n', options: { endField: ["end"] } },
    { body: '{"timestamp":"2024-01-31T13:00:00Z","kWh_value":1,"s":"PT"}\n', options: { durationField: "s" } },
  ],
  missing_value: [{ body: '{"timestamp":"2024-01-31T13:00:00Z","kwh":1}\n' }],
  bad_value: [
    { body: '{"timestamp":"2024-01-31T13:00:00Z","kWh_value":"1,5"}\n' },
    { body: '{"timestamp":"2024-01-31T13:00:00Z","kWh_value":"1.5"}\n', options: { decimalComma: true } },
    { body: '{"timestamp":"2024-01-31T13:00:00Z","kWh_value":null}\n' },
  ],
  negative_register: [
    { body: '{"timestamp":"2024-01-31T13:00:00Z","kWh_value":-1}\n', options: { values: "register" } },
  ],
  value_too_large: [{ body: '{"timestamp":"2024-01-31T13:00:00Z","kWh_value":1e16}\n' }],
  missing_unit: [{ body: '{"timestamp":"2024-01-31T13:00:00Z","kWh_value":1}\n', options: { unitField: "unit" } }],
  bad_source: [{ body: '{"timestamp":"2024-01-31T13:00:00Z","kWh_value":1,"meter_id":1.5}\n' }],
  bad_text: [{ body: Buffer.from('{"timestamp":"2024-01-31T13:00:00Z","kWh_value":1,"meter_id":"\xff"}\n', "latin1") }],
  too_long: [{ body: `{"timestamp":"2024-01-31T13:00:00Z","kWh_value":1,"x":"${"x".repeat(17 << 20)}"}\n` }],
  not_json: [{ body: '{"timestamp":"2024-01-31T13:00:00Z","kWh_value":1\n' }],
  not_a_record: [{ body: '{"timestamp":"2024-01-31T13:00:00Z","kWh_value":1}\n17\n' }],
  wrong_cells: [{ body: `${HEAD}2024-01-31T13:00:00Z,1,5\n` }],
  bad_row: [{ body: `${NEM}300,20240101,${"1,".repeat(48)}A\n400,1,49,A\n` }, { body: `${NEM}123,4\n` }],
  wrong_values: [{ body: `${NEM}300,20240101,1,2,3,A\n` }],
  conflict: [{ body: `${NEM}300,20240101,${"1,".repeat(48)}A\n300,20240101,${"2,".repeat(48)}A\n` }],
  bad_quote: [{ body: `${HEAD}2024-01-31T13:00:00Z,"1"5\n` }],
};

/** Those that data can cause; the others are about folders, outputs and stores. */
const ODD: Readonly<Partial<Record<WarningCode, readonly Example[]>>> = {
  no_readings: [{ body: "[]" }],
  rejected: [],
  rounded: [{ body: '{"timestamp":"2024-01-31T13:00:00Z","kWh_value":0.1234567890123456789}\n' }],
  not_readings: [{ body: '{"timestamp":"2024-01-31T13:00:00Z","kWh_value":"-"}\n', options: { missing: ["-"] } }],
  out_of_period: [
    { body: lines(48, (n) => `{"timestamp":"${at(n)}","kWh_value":${n % 7}}\n`), options: { from: "2024-01-02" } },
  ],
  no_offset: [{ body: LINE }],
  repeated_wall_times: [{ body: LINE, options: BERLIN }],
  skipped_wall_times: [{ body: '{"timestamp":"2024-03-31T02:30:00","kWh_value":1}\n', options: BERLIN }],
  register: [{ body: lines(60, (n) => `{"timestamp":"${at(n)}","kWh_value":${1000 + n + (n % 3) / 10}}\n`) }],
  register_fell: [{ body: shown([0, 100], [1, 101], [2, 50], [3, 51]), options: { values: "register" } }],
  register_gap: [{ body: shown([0, 100], [10_000, 101]), options: { values: "register", to: "2024-01-02" } }],
  register_counts: [{ body: shown([0, 100], [9, 101]), options: { values: "register" } }],
  register_blip: [{ body: shown([0, 100], [1, 0], [2, 101]), options: { values: "register" } }],
  register_conflict: [{ body: shown([0, 100], [0, 101]), options: { values: "register", onError: "skip" } }],
  register_dropped: [{ body: shown([0, 100], [5, 101]), options: { values: "register", gap: "2h", across: "drop" } }],
  daily_readings: [{ body: lines(9, (n) => `{"timestamp":"${at(24 * n + 7)}","kWh_value":${n % 4}}\n`) }],
  power: [{ body: '{"timestamp":"2024-01-31T13:00:00Z","kWh_value":1,"unit":"kW"}\n' }],
  import_and_export: [
    {
      body: "timestamp,kWh_value,OBIS\n2024-01-31T13:00:00Z,1,1-1:1.29.0\n2024-01-31T13:00:00Z,2,1-1:2.29.0\n",
    },
  ],
  sparse_readings: [{ body: lines(9, (n) => `{"timestamp":"${at(168 * n + 7)}","kWh_value":${1 + (n % 4)}}\n`) }],
  duplicates: [{ body: lines(48, (n) => `{"timestamp":"${at(n % 24)}","kWh_value":${1 + (n % 24)}}\n`) }],
  no_export: [{ body: '{"timestamp":"2024-01-31T13:00:00Z","kWh_value":1}\n', options: { export: "subtract" } }],
  no_source: [
    {
      body: '{"timestamp":"2024-01-31T13:00:00Z","kWh_value":1,"device":"a"}\n',
      options: { bySource: true },
    },
  ],
  profile_replaced: [
    {
      body: "Consumption (kwh), Estimated Cost Inc. Tax (p), Standing Charge Inc. Tax (p), Start, End\n0.5, 1, 2, 2024-01-31T23:50:00Z, 2024-02-01T00:20:00Z\n",
      options: { stamps: "start" },
    },
  ],
  end_stamps: [{ body: lines(48, (n) => `{"timestamp":"${at(n + 1)}","kWh_value":${n % 7}}\n`) }],
};
/** Of the run as a whole, told by other means than a warning's text there. */
const ELSEWHERE: Readonly<Record<"http" | "others", readonly WarningCode[]>> = {
  http: ["rejected"],
  others: ["rounded", "not_readings", "out_of_period", "register_counts", "rejected"],
};

const FOREIGN = {
  library: /--[a-z]|\belectro [a-z]+ |\b[a-z]+_[a-z_]+=/,
  commandLine: /\b[a-z]+_[a-z_]+=/,
  // A parameter in brackets after a word of prose reads as nothing.
  http: /\((unit|records)\)|--[a-z]|\belectro [a-z]+ |\b[a-z]+[A-Z][A-Za-z]+: /,
} as const;

type Texts = readonly (readonly [code: string, text: string])[];

const between = (name: string, mark: string) => name.replace(/[A-Z]/g, (letter) => mark + letter.toLowerCase());

async function inLibrary({ body, options }: Example): Promise<Texts> {
  const source = Readable.from([typeof body === "string" ? Buffer.from(body) : body]);
  try {
    const { warnings } = await aggregate(source, options as object);
    return warnings.map(({ code, message }) => [code, message]);
  } catch (error) {
    if (!(error instanceof BadRecordsError)) throw error;
    return error.rejected.map(({ reason, message }) => [reason, `${message} ${error.message}`]);
  }
}

function onCommandLine({ body, options = {} }: Example): Promise<Texts> {
  return inFolder(async (folder) => {
    const flags = Object.entries(options).flatMap(([name, value]) => [
      `--${between(name, "-")}`,
      ...(value === true ? [] : [String(value)]),
    ]);
    const args = ["aggregate", "-", ...flags, "--output", join(folder, "out"), "--log-format", "json"];
    const rejects = ["--rejects", join(folder, "rejects.ndjson")];
    const { stderr } = await electro([...args, ...rejects], folder, Buffer.from(body));
    const entries = stderr
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    return entries
      .filter(({ level, code }) => level === "warning" || ["bad_record", "bad_records"].includes(code))
      .map(({ code, message }) => [code, message]);
  });
}

async function overHttp(service: { address: string }, { body, options = {} }: Example): Promise<Texts> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(options)) {
    if (name === "bySource") query.set("by", "source");
    else query.set(between(name, "_"), String(value));
  }
  const csv = typeof body === "string" && body.startsWith(HEAD);
  const headers = { "content-type": csv ? "text/csv" : "application/x-ndjson", accept: "application/json" };
  const { json } = await send(service, "POST", `/v1/aggregate?resolution=day&${query}`, { body, headers });
  const told: { code: string; message: string }[] = json.records ?? json.warnings ?? [];
  return told.map(({ code, message }) => [code, `${message} ${json.detail ?? ""}`]);
}

describe("every text speaks the language of its surface:", () => {
  const met = {
    library: new Map<string, string>(),
    commandLine: new Map<string, string>(),
    http: new Map<string, string>(),
  };

  beforeAll(() =>
    withService({}, async (service) => {
      const add = (surface: keyof typeof met, texts: Texts) => {
        for (const [code, text] of texts) met[surface].set(code, `${met[surface].get(code) ?? ""}\n${text}`);
      };
      for (const [reason, examples] of Object.entries({ ...BAD, ...ODD }))
        for (const example of examples) {
          const [library, commandLine, http] = await Promise.all([
            inLibrary(example),
            onCommandLine(example),
            overHttp(service, example),
          ]);
          add("library", library);
          // The command line's log calls each bad record just that.
          add(
            "commandLine",
            commandLine.map(([code, text]) => [code.startsWith("bad_record") ? reason : code, text]),
          );
          add("http", http);
        }
    }),
  );

  test.each(["library", "commandLine", "http"] as const)("%s", (surface) => {
    const elsewhere = ELSEWHERE[surface === "http" ? "http" : "others"];
    const wanted = [...Object.keys(BAD), ...Object.keys(ODD)].filter(
      (code) => !elsewhere.includes(code as WarningCode),
    );
    expect([...met[surface].keys()].sort()).toEqual(wanted.sort());
    for (const [code, text] of met[surface]) expect(text, code).not.toMatch(FOREIGN[surface]);
  });

  test("and there is an example of each reason", () => expect(Object.keys(BAD)).toEqual(Object.keys(REASONS)));
});

test("every warning and every reason has a meaning in a sentence", () => {
  for (const meaning of [...Object.values(WARNINGS), ...Object.values(REASONS)])
    expect(meaning).toMatch(/^[A-Z].*[A-Za-z\d]\.$/);
});
