/** Holds answers of the service to its OpenAPI document: what the document does not describe in full is a fault. */

import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import type {
  DocumentedResponse,
  Header,
  Method,
  OpenapiDocument,
  Operation,
} from "../../dist/service/openapi/form.js";
import { resolved } from "../../dist/service/openapi/form.js";

export interface Seen {
  /** `GET`; `HEAD` is answered as `GET` is, without the body. */
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, number | string | readonly string[] | undefined>>;
  readonly body: string | Uint8Array;
}

/** Headers of the transport, and those that every answer has for browsers; the document says so in its introduction. */
const EVERYWHERE = new Set([
  "date",
  "access-control-allow-origin",
  "access-control-expose-headers",
  "connection",
  "content-encoding",
  "keep-alive",
  "transfer-encoding",
  "content-length",
  "content-type",
  "cache-control",
  "vary",
  "x-accel-buffering",
  "content-security-policy",
  "cross-origin-opener-policy",
  "cross-origin-resource-policy",
  "permissions-policy",
  "referrer-policy",
  "strict-transport-security",
  "x-content-type-options",
  "x-frame-options",
]);

/** @returns a function that throws an Error saying what the document does not describe */
export function conformance(document: OpenapiDocument): (seen: Seen) => void {
  const ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true });
  (addFormats as unknown as (ajv: Ajv2020) => void)(ajv);
  const $defs = inlined(document.components.schemas);
  const validators = new Map<object, ValidateFunction>();

  function faultsOf(schema: object, value: unknown): string | undefined {
    let validate = validators.get(schema);
    if (validate === undefined) {
      validate = ajv.compile({ ...(inlined(schema) as object), $defs });
      validators.set(schema, validate);
    }
    return validate(value) ? undefined : ajv.errorsText(validate.errors);
  }

  function checkHeaders({ headers: described = {} }: DocumentedResponse, seen: Seen): string | undefined {
    const known = new Set(EVERYWHERE);
    for (const [name, some] of Object.entries(described)) {
      const { schema, required = false } = resolved<Header>(document, some);
      known.add(name.toLowerCase());
      const value = seen.headers[name.toLowerCase()];
      if (value === undefined && required) return `the header ${name} is missing`;
      const fault = value === undefined ? undefined : faultsOf(schema, String(value));
      if (fault !== undefined) return `the header ${name}: ${fault}`;
    }
    const other = Object.keys(seen.headers).find((name) => !known.has(name.toLowerCase()));
    return other === undefined ? undefined : `the header ${other} is not described`;
  }

  function checkBody({ content }: DocumentedResponse, { method, headers, body }: Seen): string | undefined {
    const text = typeof body === "string" ? body : Buffer.from(body).toString("utf8");
    const type = String(headers["content-type"] ?? "").replace(/ *;.*/, "");
    if (content === undefined) {
      return text === "" && type === "" ? undefined : `a body of type "${type}", where none is described`;
    }
    const media = content[type];
    if (media === undefined) return `the type "${type}" is not described`;
    if (method === "HEAD") return text === "" ? undefined : "a body in answer to HEAD";
    // The schema of a stream is that of each event's data.
    if (type === "text/event-stream")
      return [...text.matchAll(/^data: (.*)$/gm)]
        .map(([, data = ""]) => faultsOf(media.schema, JSON.parse(data)))
        .find((fault) => fault !== undefined);
    return faultsOf(media.schema, /[/+]json$/.test(type) ? JSON.parse(text) : text);
  }

  return (seen) => {
    const operation = operationOf(document, seen);
    const answer = operation?.responses[seen.status];
    const fault =
      operation === undefined
        ? checkUndescribed(seen)
        : answer === undefined
          ? "the status is not described"
          : (checkHeaders(answer, seen) ?? checkBody(answer, seen));
    if (fault !== undefined) {
      const body = typeof seen.body === "string" ? seen.body : Buffer.from(seen.body).toString("utf8");
      throw new Error(
        `${seen.method} ${seen.path} answered ${seen.status}, but the OpenAPI document says otherwise: ${fault}\n${body.slice(0, 2000)}`,
      );
    }
  };

  /** An address or method that the document does not have may answer with a problem that says so, and no more. */
  function checkUndescribed({ status, headers, body, method }: Seen): string | undefined {
    if (status < 400) return "the call is not described";
    if (!String(headers["content-type"]).startsWith("application/problem+json")) return "no problem document";
    if (method === "HEAD") return undefined;
    return faultsOf({ $ref: "#/components/schemas/Problem" }, JSON.parse(String(body)));
  }
}

/** The operation that a request is for. */
function operationOf(
  document: OpenapiDocument,
  { method, path }: Pick<Seen, "method" | "path">,
): Operation | undefined {
  const bare = path.replace(/\?.*$/s, "");
  const name = (method === "HEAD" ? "get" : method.toLowerCase()) as Method;
  const templates = Object.keys(document.paths).filter((template) => matches(template, bare));
  // A path without parameters goes first.
  const [template] = templates.sort((a, b) => Number(a.includes("{")) - Number(b.includes("{")));
  return template === undefined ? undefined : document.paths[template]?.[name];
}

function matches(template: string, path: string): boolean {
  const names = template.split("/");
  const parts = path.split("/");
  return (
    names.length === parts.length &&
    names.every((name, i) => name === parts[i] || (/^\{/.test(name) && parts[i] !== ""))
  );
}

/** References to the document's schemas, as a schema's own definitions. */
function inlined(schema: object): Record<string, unknown> {
  return JSON.parse(JSON.stringify(schema).replaceAll("#/components/schemas/", "#/$defs/"));
}
