import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { root, run, scratch } from "./npm.js";

const reading = '{"timestamp":"2024-01-31T13:45:00Z","kWh_value":0.1,"meter_id":"m1"}\n';

let folder: string;
let packed: string[];

/** Packs what is built and installs it, as anyone would, into an empty folder. */
beforeAll(() => {
  folder = scratch();
  const pack = run("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", folder]);
  expect(pack.status, pack.stderr).toBe(0);
  const [{ filename, files }] = JSON.parse(pack.stdout);
  packed = files.map((file: { path: string }) => file.path);
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  const install = run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", `./${filename}`], {
    cwd: folder,
  });
  expect(install.status, install.stderr).toBe(0);
  writeFileSync(join(folder, "readings.ndjson"), reading.repeat(3));
});

test("the package holds what is built, the page, the licence and the changes, and runs where it is installed", () => {
  const tops = new Set(packed.map((path) => path.split("/")[0]));
  expect([...tops].sort()).toEqual([
    ...["ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md", "SECURITY.md"],
    ...["bench", "deploy", "dist", "docs", "package.json", "profiles"],
  ]);
  expect(
    packed.filter(
      (path) =>
        !/^dist\/.*(\.js|\.d\.ts|\.wasm)$|^dist\/dashboard\/[^/]+\.(html|css)$|^(deploy|docs)\/|^profiles\/[^/]+\.json$|^bench\/RESULTS\.md$|^[A-Zp][^/]*$/.test(
          path,
        ),
    ),
  ).toEqual([]);
  expect(packed).toContain("dist/scan/kernel.wasm");

  const { version, devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const forBuilding = Object.keys(devDependencies);
  expect(forBuilding).toContain("typescript");
  const installed = readdirSync(join(folder, "node_modules"));
  expect(installed).toContain("electro-kwh");
  expect([...forBuilding, "vitest"].filter((name) => installed.includes(name))).toEqual([]);

  const electro = (...args: string[]) => run("npx", ["--no-install", "electro", ...args], { cwd: folder });
  expect(electro("--version")).toEqual({ status: 0, stdout: `${version}\n`, stderr: "" });
  expect(electro("profiles").stdout).toContain("octopus");
  const aggregate = electro("aggregate", "readings.ndjson");
  expect(aggregate.status, aggregate.stderr).toBe(0);
  expect(readFileSync(join(folder, "output_data/daily_data.csv"), "utf8")).toBe(
    "daily_timestamp,aggregated_kWh_value\n2024-01-31,0.3\n",
  );
});

test("links on its pages lead to files that are packed", () => {
  const pages = packed.filter((path) => path.endsWith(".md"));
  const links = pages.flatMap((page) =>
    [...readFileSync(join(root, page), "utf8").matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link]) =>
      join(dirname(page), link as string),
    ),
  );
  expect(links.length).toBeGreaterThan(10);
  expect(links.filter((link) => !packed.includes(link))).toEqual([]);
});

/** A Node project in TypeScript has its types. */
function declareNode() {
  mkdirSync(join(folder, "node_modules/@types"), { recursive: true });
  for (const name of ["@types/node", "undici-types"]) {
    rmSync(join(folder, "node_modules", name), { recursive: true, force: true });
    symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name));
  }
}

/** As a user of the library writes it: types of their own, and what strict settings make of options. */
const STRICT_PROGRAM = `import {
  aggregate, aggregateFiles, BadRecordsError, type CallOptions, exportFiles, load, type LoadResult, quality, type Reject,
} from "electro-kwh";
interface Reading { timestamp: string; kWh_value: number }
class Row { constructor(readonly timestamp: Date, readonly kWh_value: bigint) {} }
const readings: Reading[] = [{ timestamp: "2024-01-31T13:00:00Z", kWh_value: 1 }];
async function* rows(): AsyncGenerator<Row> { yield new Row(new Date(0), 1n); }
const call: CallOptions = { cwd: undefined, signal: new AbortController().signal, onEvent: undefined };
const first = await aggregate(readings, { timezone: undefined, decimals: undefined, ...call });
const second = await aggregate(rows());
export const third = () => aggregate(new URL("file:///tmp/x.json"));
export const fourth = (stream: ReadableStream<Uint8Array>) => aggregate(stream);
export const files = () => aggregateFiles(new URL("file:///tmp/x.json"), { output: undefined, ...call });
export const loaded = (): Promise<LoadResult> => load(["a.json"], { store: undefined, onError: undefined, ...call });
export const exported = async () => (await exportFiles({ sources: ["a"] })).manifest.totals.kWh;
export const gaps = async () => (await quality("a.json", call)).sources.map(({ source }) => source);
export const rejects = (error: unknown): readonly Reject[] => error instanceof BadRecordsError ? error.rejected : [];
export const sums: string[] = [first.kWh, second.kWh];
`;

test.each([
  ["without the types of Node", ["--lib", "es2023,dom", "--types", ""]],
  ["without those of browsers", ["--lib", "es2023", "--types", "node"]],
  ["with both", ["--lib", "es2023,dom,dom.asynciterable", "--types", "node"]],
])("its types hold under strict settings, %s, with and without skipLibCheck", (_, libraries) => {
  writeFileSync(join(folder, "strict.ts"), STRICT_PROGRAM);
  declareNode();
  for (const skip of ["true", "false"]) {
    const options = ["--strict", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess", "--skipLibCheck", skip];
    const { status, stdout } = run(
      process.execPath,
      [join(root, "node_modules/typescript/bin/tsc"), ...options, ...libraries, "--target", "es2023"].concat([
        "--module",
        "nodenext",
        "--noEmit",
        "strict.ts",
      ]),
      { cwd: folder },
    );
    expect([skip, stdout, status]).toEqual([skip, "", 0]);
  }
});

test.each(["nodenext", "preserve"])("it is a library under strict TypeScript (module: %s)", (module) => {
  const program = `import { type Aggregation, aggregate, type HourlyRow } from "electro-kwh";
const result: Aggregation = await aggregate("readings.ndjson", { timezone: "Asia/Kathmandu", bySource: true });
const rows: HourlyRow[] = [...result.hourly()];
const measured = rows.filter((row) => row.reading_count > 0);
console.log(result.kWh, result.readings, rows.length, measured[0]?.hourly_timestamp, measured[0]?.source_id);
`;
  writeFileSync(join(folder, "program.ts"), program);
  declareNode();
  const options = ["--strict", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess", "--skipLibCheck", "false"];
  const compile = run(
    process.execPath,
    [join(root, "node_modules/typescript/bin/tsc"), ...options, "--types", "node", "--target", "es2023"].concat([
      "--module",
      module,
      "program.ts",
    ]),
    { cwd: folder },
  );
  expect(compile).toEqual({ status: 0, stdout: "", stderr: "" });
  expect(run(process.execPath, ["program.js"], { cwd: folder })).toEqual({
    status: 0,
    stdout: "0.3 3 24 2024-01-31T19:00:00+05:45 m1\n",
    stderr: "",
  });
});
