/** An option that is added to the table is there on every surface, with nothing else to be written. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { afterAll, describe, expect, test } from "vitest";
import { JOB_OPTIONS } from "../../dist/jobs/job-options.js";
import { fakeWorld } from "../cli/fake-world.js";
import { root, run as runScript } from "../house/npm.js";

// Before any other module looks at the table: each surface is imported by its test.
Object.assign(JOB_OPTIONS, {
  pinkNoise: {
    ...{ kind: "whole", least: 1, most: 9, placeholder: "N", heading: "How to read records", default: 3 },
    ...{ says: "how pink the noise is", manifest: true, commands: { aggregate: {} }, http: { calls: ["body"] } },
  },
});

const READING = '{"timestamp":"2024-01-31T13:00:00Z","kWh_value":1}\n';
const folder = mkdtempSync(join(tmpdir(), "electro-option-"));
writeFileSync(join(folder, "readings.ndjson"), READING);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the command in the folder. */
async function electro(...args: string[]) {
  const { run } = await import("../../dist/cli/program.js");
  const world = fakeWorld();
  world.cwd = folder;
  const status = await run(args, world);
  return { status, stdout: world.stdout.text, stderr: world.stderr.text };
}

describe("an option that only the table has", () => {
  test("is checked by the library", async () => {
    const { aggregate } = await import("../../dist/jobs/library.js");
    const sum = (pinkNoise: unknown) => aggregate(Buffer.from(READING), { pinkNoise } as object);
    expect((await sum(9)).kWh).toBe("1");
    await expect(sum(10)).rejects.toThrow("pinkNoise: 10: it must be a whole number from 1 to 9");
    await expect(sum("9")).rejects.toThrow('the option pinkNoise must be a number, not "9"');
  });

  test("is a flag, and in the help", async () => {
    expect(await electro("aggregate", "readings.ndjson", "--pink-noise=10")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--pink-noise: "10" is not a whole number from 1 to 9'),
    });
    const help = (await electro("aggregate", "--help")).stdout;
    expect(help).toMatch(
      /How to read records:\n(?: .*\n)+ {6}--pink-noise N {2,}how pink the noise is \(default: 3\)\n/,
    );
    expect((await electro("load", "--help")).stdout).not.toContain("pink");
  });

  test("is in the manifest, and in its schema", async () => {
    const { manifestSchema } = await import("../../dist/jobs/manifest-schema.js");
    const ajv = new Ajv2020({ allowUnionTypes: true });
    (addFormats as unknown as (ajv: Ajv2020) => void)(ajv);
    const valid = ajv.compile(manifestSchema);
    for (const [args, pinkNoise] of [
      [["--pink-noise", "7"], 7],
      [[], 3],
    ] as const) {
      const { status, stdout } = await electro("aggregate", "readings.ndjson", "--json", ...args);
      expect(status).toBe(0);
      const manifest = JSON.parse(stdout);
      expect(manifest.options).toMatchObject({ pinkNoise });
      expect(valid(manifest), ajv.errorsText(valid.errors)).toBe(true);
      manifest.options.pinkNoise = "7";
      expect(valid(manifest)).toBe(false);
    }
  });

  test("is a query parameter", async () => {
    const { readQuery } = await import("../../dist/service/http/query.js");
    const { AGGREGATE, SUMMARIES } = await import("../../dist/service/http/parameters.js");
    expect(readQuery("pink_noise=7&stamps=end", AGGREGATE)).toEqual({ pinkNoise: 7, stamps: "end" });
    expect(() => readQuery("pink_noise=7", SUMMARIES)).toThrow('there is no parameter "pink_noise"');
    const { send, withService } = await import("../service/support.js");
    await withService({}, async (service) => {
      expect(await send(service, "POST", "/v1/readings?pink_noise=7", { body: READING })).toMatchObject({
        status: 201,
      });
      expect(await send(service, "POST", "/v1/readings?pink_noise=10", { body: READING })).toMatchObject({
        status: 400,
        json: { code: "bad_parameter", detail: 'pink_noise: "10": it is not a whole number from 1 to 9' },
      });
    });
  });

  test("is described as one", async () => {
    const { openapiDocument } = await import("../../dist/service/openapi/document.js");
    const { components, paths } = openapiDocument("0");
    expect(components.parameters["pink_noise"]).toEqual({
      ...{ name: "pink_noise", in: "query", description: "How pink the noise is." },
      schema: { type: "integer", minimum: 1, maximum: 9, default: 3 },
    });
    const reference = { $ref: "#/components/parameters/pink_noise" };
    expect(paths["/v1/readings"]?.post?.parameters).toContainEqual(reference);
    expect(paths["/v1/aggregate"]?.post?.parameters).toContainEqual(reference);
    expect(paths["/v1/daily"]?.get?.parameters).not.toContainEqual(reference);
  });

  test("is in docs/ and in the types of the library, once they are written", async () => {
    const { pageText, typesText } = await import("../../scripts/options.mjs");
    const page = readFileSync(join(root, "docs/cli.md"), "utf8");
    expect(pageText(page)).toContain("\n| `--pink-noise N` | how pink the noise is | `3` |\n");
    expect(typesText()).toContain("  /** How pink the noise is. Default: `3`. */\n  pinkNoise?: number | undefined;\n");
  });
});

test("what is written from the table is as the table has it", () => {
  expect(runScript(process.execPath, ["scripts/options.mjs"])).toMatchObject({ status: 0, stderr: "" });
});
