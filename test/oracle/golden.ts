/** The golden cases: folders of test/golden, which test/golden/README.md describes. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const GOLDEN = new URL("../golden", import.meta.url).pathname;

export interface GoldenCase {
  readonly name: string;
  readonly folder: string;
  /** The rule that it holds, in a sentence. */
  readonly about: string;
  readonly args: readonly string[];
  /** The same with the options of the profile that the input is recognised by. */
  readonly written: readonly string[];
  /** Whether the oracle does not know its options: what is expected was worked out by hand alone. */
  readonly byHand: boolean;
  readonly stdin: Buffer | undefined;
  readonly status: number;
  /** Name → text of the files that are compared to the byte. */
  readonly expected: ReadonlyMap<string, string>;
  /** The names of all CSV files there are to be. */
  readonly names: readonly string[];
  /** Some of the manifest's totals. */
  readonly totals: Readonly<Record<string, unknown>>;
  /** Texts to be found in what the run says. */
  readonly stderr: readonly string[];
}

export function goldenCases(): GoldenCase[] {
  const folders = readdirSync(GOLDEN, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders.map(({ name }) => readCase(name)).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function readCase(name: string): GoldenCase {
  const folder = join(GOLDEN, name);
  const text = (file: string) =>
    existsSync(join(folder, file)) ? readFileSync(join(folder, file), "utf8") : undefined;
  const lines = (file: string) =>
    text(file)
      ?.split("\n")
      .filter((line) => line !== "");
  const expected = readFolder(join(folder, "expected"));
  return {
    name,
    folder,
    about: lines("about")?.[0] ?? name,
    args: lines("args") ?? [],
    written: lines("oracle.args") ?? lines("args") ?? [],
    byHand: existsSync(join(folder, "by-hand")),
    stdin: existsSync(join(folder, "stdin")) ? readFileSync(join(folder, "stdin")) : undefined,
    status: Number(text("status") ?? 0),
    expected,
    names: lines("files") ?? [...expected.keys()],
    totals: JSON.parse(text("totals.json") ?? "{}"),
    stderr: lines("expected.stderr") ?? [],
  };
}

/** Name → text of the CSV files in a folder, none where there is no such folder. Ordered by name. */
export function readFolder(folder: string): Map<string, string> {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".csv")) : [];
  return new Map(names.sort().map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}
