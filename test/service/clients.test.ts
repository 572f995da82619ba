/** Clients that generators make from the service's own description: they compile, send and read. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { withService } from "./support.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const clients = join(root, "test/service/clients");
const generated = join(clients, "generated");
/** The service, as docs/api.md calls it. */
const ADDRESS = "http://localhost:8080";
const page = readFileSync(join(root, "docs/api.md"), "utf8");
const snippets = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = ""]) => code);
const generators = [...page.matchAll(/^npx (?:@[\w-]+\/)?(.+)\n/gm)].map(([, command = ""]) => command);

/** @returns what a command printed, and how it ended */
async function run(command: string): Promise<{ status: number; output: string }> {
  const PATH = [join(root, "test/node_modules/.bin"), process.env["PATH"]].join(delimiter);
  const child = spawn(`${command} 2>&1`, { cwd: generated, env: { ...process.env, PATH }, shell: true });
  const [output, [status]] = await Promise.all([text(child.stdout), once(child, "exit")]);
  return { status, output };
}

/** What a program gets that sends readings under its name, and one of a source with another. */
const used = (name: string, other: string) => ({
  readings: [1, 2, 1, 1, 1, 1],
  invalid: "missing_value",
  rows: expect.arrayContaining([
    ["2024-01-31T13:00:00Z", other, "1"],
    ["2024-01-31T13:00:00Z", name, "2.3"],
    ["2024-01-31T14:00:00Z", name, "7"],
  ]),
  csv: "daily_timestamp,aggregated_kWh_value\n2024-01-31,9.3\n",
  sources: expect.arrayContaining([other, name]),
  batch: "0.1",
  state: { version: expect.any(Number), changed: null },
  quality: expect.anything(),
  problem: "timezone",
});

test("clients that are made as docs/api.md says compile under strict settings, and send and read what they should", async () => {
  expect([generators.length, snippets.length]).toEqual([2, 2]);
  await withService({}, async ({ address }) => {
    const here = (text: string) => text.replaceAll(ADDRESS, address);
    rmSync(generated, { recursive: true, force: true });
    mkdirSync(generated);
    for (const { status, output } of await Promise.all(generators.map((command) => run(here(command)))))
      expect(status, output).toBe(0);
    const files = snippets.map((snippet, i) => {
      const file = join(generated, `snippet-${i}.ts`);
      writeFileSync(file, here(snippet));
      return file;
    });

    const tsc = `"${process.execPath}" "${join(root, "node_modules/typescript/bin/tsc")}" -p`;
    const projects = ["tsconfig.json", "tsconfig.hey-api.json"].map((name) => `${tsc} "${join(clients, name)}"`);
    expect(await Promise.all(projects.map(run))).toEqual(projects.map(() => ({ status: 0, output: "" })));

    const { use: useFetch } = await import(join(clients, "openapi-fetch.ts"));
    const { use: useHey } = await import(join(clients, "hey-api.ts"));
    expect(await useFetch(address)).toEqual(used("fetch", "42"));
    expect(await useHey(address)).toEqual(used("hey", "43"));

    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    for (const file of files) await import(file);
    expect(log.mock.calls).toEqual(expect.arrayContaining([["2024-01-31T13:00:00Z", "m1", "0.1"], ["0.2"]]));
    log.mockRestore();
  });
});
