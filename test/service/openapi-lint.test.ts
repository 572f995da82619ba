/** The OpenAPI document, as two public linters see it. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import spectral, { type RulesetDefinition } from "@stoplight/spectral-core";
import rulesets from "@stoplight/spectral-rulesets";
import { afterAll, expect, test } from "vitest";
import { openapiDocument } from "../../dist/service/openapi/document.js";
import { IN_MEMORY } from "../in-memory.js";

const document = JSON.stringify(openapiDocument("1.2.3"));
/** A fault that both see: a call without a name. */
const faulty = document.replace('"operationId":"hourly",', "");

test("Spectral finds nothing, and would not accept anything", async () => {
  const linter = new spectral.Spectral();
  linter.setRuleset({ extends: [rulesets.oas as RulesetDefinition] });
  expect(await linter.run(document)).toEqual([]);
  expect(await linter.run(faulty)).toMatchObject([{ code: "operation-operationId" }]);
});

const redocly = fileURLToPath(new URL("../../node_modules/@redocly/cli/bin/cli.js", import.meta.url));
const folder = mkdtempSync(join(IN_MEMORY, "electro-lint-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** @returns what Redocly finds in a document */
function lint(text: string, name: string): Promise<unknown> {
  const file = join(folder, name);
  writeFileSync(file, text);
  const env = { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" };
  const args = [redocly, "lint", file, "--extends", "recommended", "--format", "json"];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { env }, (_, stdout) => resolve(JSON.parse(stdout).problems));
  });
}

test("Redocly finds nothing, and would not accept anything", async () => {
  const found = await Promise.all([lint(document, "document.json"), lint(faulty, "faulty.json")]);
  expect(found).toMatchObject([[], [{ ruleId: "operation-operationId" }]]);
});
