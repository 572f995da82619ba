/** What the tests of profiles share: samples, golden cases, and runs of the command. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { electro, inFolder } from "../oracle/electro.js";
import { goldenCases, readFolder } from "../oracle/golden.js";

export const cases = goldenCases().filter(({ name }) => name.startsWith("profile-"));

export const OCTOPUS = `Consumption (kwh), Start, End
0.25, 2024-01-31T00:00:00+00:00, 2024-01-31T00:30:00+00:00
0.5, 2024-01-31T00:30:00+00:00, 2024-01-31T01:30:00+00:00
`;
export const OCTOPUS_HOURS = ["2024-01-31T00:00:00Z,0.5", "2024-01-31T01:00:00Z,0.25"];
export const ENEDIS = "Horodate;Valeur\n2024-01-31T00:30:00Z;1000\n";

export interface Run {
  readonly status: number | null;
  readonly stderr: string;
  readonly hours: readonly string[];
  // biome-ignore lint/suspicious/noExplicitAny: the manifest is looked at member by member
  readonly manifest: any;
}

/** Runs `electro aggregate` over files of a folder, and returns the rows that are not filled. */
export async function run(
  files: Readonly<Record<string, string>>,
  args: readonly string[],
  stdin?: string,
): Promise<Run> {
  return inFolder(async (folder) => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(join(folder, name, ".."), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const output = join(folder, "out");
    const all = ["aggregate", ...args, "-o", output];
    const { status, stderr } = await electro(all, folder, stdin === undefined ? undefined : Buffer.from(stdin));
    const done = status === 0;
    const rows = [...(done ? readFolder(output) : [])].flatMap(([name, text]) =>
      name.startsWith("hourly") ? text.split("\n").slice(1, -1) : [],
    );
    const manifest = done ? JSON.parse(readFileSync(join(output, "manifest.json"), "utf8")) : undefined;
    return {
      status,
      stderr: stderr.replaceAll(folder, ""),
      hours: rows.filter((row) => !row.endsWith(",0")),
      manifest,
    };
  });
}
