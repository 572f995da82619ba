// slow: not of the fast lane
/** The OpenAPI document: what a public validator says of it, and that its examples and references are right. */
import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { describe, expect, test } from "vitest";
import { PROBLEMS } from "../../dist/service/http/problem.js";
import { openapiDocument } from "../../dist/service/openapi/document.js";
import { type Method, type Operation, resolved } from "../../dist/service/openapi/form.js";

const document = openapiDocument("1.2.3");
const text = JSON.stringify(document);
const operations: [name: string, path: string, operation: Operation][] = Object.entries(document.paths).flatMap(
  ([path, methods]) =>
    (Object.entries(methods) as [Method, Operation][]).map(
      ([method, operation]) => [`${method.toUpperCase()} ${path}`, path, operation] as [string, string, Operation],
    ),
);

test("a public validator accepts it as OpenAPI 3.1, and would not accept anything", async () => {
  const validator = new Validator();
  expect(await validator.validate(JSON.parse(text))).toEqual({ valid: true });
  expect(validator.version).toBe("3.1");
  const wrong = JSON.parse(text);
  delete wrong.paths["/v1/daily"].get.responses["200"].description;
  expect(await new Validator().validate(wrong)).toMatchObject({ valid: false });
});

test("each reference leads somewhere, and each part is used", () => {
  const used = new Set([...text.matchAll(/"\$ref":"#\/components\/(\w+\/[\w-]+)"/g)].map(([, name]) => name));
  const there = Object.entries(document.components).flatMap(([kind, parts]) =>
    kind === "securitySchemes" ? [] : Object.keys(parts).map((name) => `${kind}/${name}`),
  );
  expect([...used].sort()).toEqual(there.sort());
});

test("each code of a problem is told by some call, or by none at all", () => {
  const told = new Set(
    operations.flatMap(([, , { responses }]) =>
      Object.values(responses).flatMap((answer) =>
        Object.values(answer.content ?? {}).flatMap(
          ({ schema }) => (schema as { properties?: { code?: { enum: string[] } } }).properties?.code?.enum ?? [],
        ),
      ),
    ),
  );
  // These are of addresses and methods that there are not.
  expect(Object.keys(PROBLEMS).filter((code) => !told.has(code))).toEqual(["not_found", "method_not_allowed"]);
});

describe.each(operations)("%s", (_, path, operation) => {
  test("has the parameters of its path, each parameter once", () => {
    const parameters = (operation.parameters ?? []).map((parameter) => resolved(document, parameter));
    const inPath = parameters.filter((parameter) => parameter.in === "path").map(({ name }) => name);
    expect(inPath).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
    const names = parameters.map(({ name, in: place }) => `${place} ${name}`);
    expect(new Set(names).size).toBe(names.length);
  });

  test("has examples that are as its schemas say", () => {
    const ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true });
    (addFormats as unknown as (ajv: Ajv2020) => void)(ajv);
    const inlined = (schema: object) =>
      JSON.parse(JSON.stringify(schema).replaceAll("#/components/schemas/", "#/$defs/"));
    const media = [operation.requestBody, ...Object.values(operation.responses)].flatMap((part) =>
      Object.values(part?.content ?? {}),
    );
    const parameters = (operation.parameters ?? []).map((parameter) => resolved(document, parameter));
    for (const { schema, example } of [...media, ...parameters]) {
      const validate = ajv.compile({ ...inlined(schema), $defs: inlined(document.components.schemas) });
      if (example === undefined) continue;
      expect(validate(example), `${JSON.stringify(example)}: ${ajv.errorsText(validate.errors)}`).toBe(true);
    }
  });
});

test("no two operations have the same name", () => {
  const ids = operations.map(([, , { operationId }]) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
});
