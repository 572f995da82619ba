/** Renders the service's OpenAPI document as a page: one file, without scripts or external resources. */
import { createHash } from "node:crypto";
import { PROBLEMS } from "../http/problem.js";
import type {
  DocumentedResponse,
  Media,
  Method,
  OpenapiDocument,
  Operation,
  Parameter,
  Schema,
} from "../openapi/form.js";
import { resolved } from "../openapi/form.js";
import { Html, html, inline, prose } from "./html.js";
import { forms, kindOf } from "./schema.js";
import { STYLE } from "./style.js";

export interface DocsPage {
  readonly html: string;
  /** Its `Content-Security-Policy`: its own style, and nothing else. */
  readonly policy: string;
}

interface Call {
  readonly method: Method;
  readonly path: string;
  readonly operation: Operation;
}

export function docsPage(document: OpenapiDocument): DocsPage {
  const { info, tags } = document;
  const calls = callsOf(document);
  const of = (tag: string) => calls.filter(({ operation }) => operation.tags.includes(tag));
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${info.title}</title>
<style>${STYLE_TAG}</style>
</head>
<body>
<div class="page">
<nav aria-label="Contents">
<a href="#top">${info.title}</a>
${tags.map(({ name }) => html`<strong>${name}</strong><ul>${of(name).map(entry)}</ul>`)}
<strong>More</strong>
<ul><li><a href="#problems">Problems</a></li><li><a href="#schemas">Schemas</a></li>
<li><a href="/openapi.json">openapi.json</a></li></ul>
</nav>
<main id="top">
<h1>${info.title}</h1>
<p class="soft">Version ${info.version}. Machine-readable: <a href="/openapi.json">openapi.json</a> (OpenAPI ${document.openapi}).</p>
${prose(info.description)}
${tags.map(({ name, description }) => html`<section><h2>${name}</h2>${prose(description)}${of(name).map((one) => call(document, one))}</section>`)}
<section><h2 id="problems">Problems</h2>
${prose(PROBLEMS_INTRODUCTION)}
<dl>${Object.entries(PROBLEMS).map(([code, [status, title]]) => html`<div id="${code}"><dt><code>${code}</code></dt><dd>${title}<small>${status}</small></dd></div>`)}</dl></section>
<section><h2 id="schemas">Schemas</h2>
<p>The contents of the bodies and responses above.</p>
${forms(document)}</section>
</main>
</div>
</body>
</html>
`;
  return { html: page.text, policy: POLICY };
}

const PROBLEMS_INTRODUCTION =
  "Every error is reported as a problem document (RFC 9457, `application/problem+json`), see [Problem](#schema-Problem). " +
  "Its `code` is one of these and is stable; its `detail` says what happened and what to do.";

// The style is not HTML, so it is not escaped. The policy has the hash of exactly this text.
const STYLE_TAG = new Html(STYLE);
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

function callsOf(document: OpenapiDocument): Call[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method as Method, path, operation })),
  );
}

function entry({ method, path, operation }: Call): Html {
  return html`<li><a href="#${operation.operationId}">${verb(method)} ${path}</a></li>`;
}

function verb(method: Method): Html {
  return html`<span class="method ${method}">${method.toUpperCase()}</span>`;
}

function call(document: OpenapiDocument, { method, path, operation }: Call): Html {
  const { operationId, summary, description, parameters = [], requestBody, responses, security } = operation;
  const samples = operation["x-codeSamples"] ?? [];
  return html`<article><h3 id="${operationId}"><code>${verb(method)} ${path}</code></h3>
<p><strong>${summary}.</strong> <span class="soft">${scopeOf(security)}</span></p>
${prose(description)}
${samples.map(({ source }) => html`<pre><code>${source}</code></pre>`)}
${parameters.length === 0 ? undefined : html`<h4>Parameters</h4><dl>${parameters.map((one) => parameter(resolved(document, one)))}</dl>`}
${requestBody === undefined ? undefined : html`<h4>Body</h4><p>${inline(requestBody.description)} </p><ul class="soft">${Object.entries(requestBody.content).map(media)}</ul>`}
<h4>Answers</h4><dl class="answers">${Object.entries(responses).map(([status, one]) => response(document, status, one))}</dl></article>`;
}

function scopeOf(security: Operation["security"]): string {
  const scopes = security.flatMap((one) => Object.keys(one));
  return scopes.length === 0 ? "Open to everybody." : `Needs the scope ${scopes.join(" or ")}.`;
}

function parameter({ name, in: place, required, description, schema }: Parameter): Html {
  const where = place === "query" ? undefined : html`, ${place === "header" ? "a header" : "in the path"}`;
  const many = schema["type"] === "array";
  const { default: usual } = schema;
  const standard = usual === undefined ? undefined : html`, default <code>${JSON.stringify(usual)}</code>`;
  const kind = many ? html`${kindOf(schema["items"] as typeof schema)}, repeatable` : kindOf(schema);
  return html`<div><dt><code>${name}</code></dt><dd>${inline(description)}
<small>${kind}${standard}${where}${required && place !== "path" ? ", required" : ""}</small></dd></div>`;
}

function response(
  document: OpenapiDocument,
  status: string,
  { description, content = {}, headers = {} }: DocumentedResponse,
): Html {
  const codes = Object.values(content).flatMap(({ schema }) => codesOf(schema));
  const bodies = Object.entries(content).map(media);
  // The introduction describes the header that every response has.
  const others = Object.entries(headers).filter(([name]) => name !== "X-Request-Id");
  const named = others.map(
    ([name, header]) => html`<li>${name}: ${inline(resolved(document, header).description)}</li>`,
  );
  const links = codes.map((code) => html`<a href="#${code}"><code>${code}</code></a>`);
  return html`<div><dt><code>${status}</code></dt><dd>${links.length > 0 ? html`<p class="codes">${links}</p>` : inline(description)}
${links.length === 0 && bodies.length + named.length > 0 ? html`<ul class="soft">${bodies}${named}</ul>` : undefined}</dd></div>`;
}

function media([type, { schema }]: readonly [string, Media]): Html {
  return html`<li>${type}: ${kindOf(schema)}</li>`;
}

/** The problem codes that a schema allows; none if it does not describe a problem. */
function codesOf(schema: Schema): readonly string[] {
  const { code } = (schema["properties"] ?? {}) as Readonly<Record<string, Schema>>;
  return schema["allOf"] === undefined ? [] : ((code?.["enum"] ?? []) as readonly string[]);
}
