/** For operating the service. They reveal nothing about single readings. */

import type { Operation, Paths } from "./form.js";
import { ref } from "./form.js";
import { needs } from "./parts.js";
import { json, problems, response } from "./responses.js";

function open(operationId: string, summary: string, description: string, responses: Operation["responses"]): Operation {
  return { operationId, tags: ["Operation"], summary, description, security: [], responses };
}

const text = (type: string) => ({ [type]: { schema: { type: "string" } } });

const PAGE: Operation["responses"] = {
  200: response("The page.", text("text/html")),
  ...problems("unknown_parameter"),
};

function asset(type: string): Operation["responses"] {
  return {
    200: response("It.", text(type), { ETag: ref("headers", "ETag") }),
    304: response("It has not changed since the response with that ETag.", undefined, { ETag: ref("headers", "ETag") }),
    ...problems("unknown_parameter"),
  };
}

export const WATCHING: Paths = {
  "/": { get: open("dashboard", "Shows the readings to people", "The dashboard.", asset("text/html")) },
  "/dashboard.js": { get: open("dashboardScript", "The dashboard's script", "Part of `/`.", asset("text/javascript")) },
  "/dashboard.css": { get: open("dashboardStyle", "The dashboard's style", "Part of `/`.", asset("text/css")) },
  "/healthz": {
    get: open("health", "Tells that the service runs", "It responds, so it runs. Restart it if it does not.", {
      200: response("It runs.", json(ref("schemas", "Health"))),
      ...problems("unknown_parameter"),
    }),
  },
  "/readyz": {
    get: open(
      "ready",
      "Tells whether the service can store readings",
      "It has tried to write. Send it requests only if it is ready.",
      {
        200: response("It can.", json(ref("schemas", "Health"))),
        ...problems("unknown_parameter", "store_failed"),
      },
    ),
  },
  "/metrics": {
    get: {
      ...open("metrics", "Tells counts and times", "In the text format of Prometheus.", {
        200: response("The metrics.", text("text/plain")),
        ...problems("not_authorised", "missing_scope", "unknown_parameter"),
      }),
      security: needs("read"),
    },
  },
  "/v1/check": {
    post: {
      operationId: "check",
      tags: ["Operation"],
      summary: "Checks the store's sums against its batches",
      description:
        "Computes every sum again from the batches that count, compares, and tells what differs; and whether acknowledged batches are missing. It reads the whole store as of the time of the call, which may take minutes, while the service works. One at a time.",
      security: needs("admin"),
      responses: {
        200: response("The whole store was read.", json(ref("schemas", "Proof"))),
        ...problems("not_authorised", "missing_scope", "cross_site", "unknown_parameter", "busy", "store_failed"),
      },
      "x-codeSamples": [
        { lang: "Shell", source: 'curl -X POST http://localhost:8080/v1/check -H "Authorization: Bearer $TOKEN"' },
      ],
    },
  },
  "/v1/compact": {
    post: {
      operationId: "compact",
      tags: ["Operation"],
      summary: "Gives back the disk space of batches that have ended",
      description:
        "Makes the store's file shorter by what batches took that were retracted or replaced; without it, new batches use that space. What the store answers stays the same. It may take minutes, while the service works. The service does the same by itself when nothing is written and more than half of the file is free. One at a time.",
      security: needs("admin"),
      responses: {
        200: response("The space was given back.", json(ref("schemas", "Compacted"))),
        ...problems(
          "not_authorised",
          "missing_scope",
          "cross_site",
          "unknown_parameter",
          "busy",
          "store_failed",
          "disk_full",
        ),
      },
      "x-codeSamples": [
        { lang: "Shell", source: 'curl -X POST http://localhost:8080/v1/compact -H "Authorization: Bearer $TOKEN"' },
      ],
    },
  },
  "/v1/backup": {
    get: {
      operationId: "backup",
      tags: ["Operation"],
      summary: "Copies the store while it is in use",
      description:
        "One file, which is a store of its own: it has every batch that was acknowledged before the call, each batch wholly or not at all. It is made on the store's disk first, so that a slow client does not hold up the service. One at a time. A file that is shorter than `Content-Length` is not a backup.",
      security: needs("admin"),
      responses: {
        200: response(
          "The copy.",
          { "application/octet-stream": { schema: { type: "string" } } },
          { "Content-Disposition": ref("headers", "Content-Disposition") },
        ),
        ...problems("not_authorised", "missing_scope", "unknown_parameter", "busy", "store_failed", "disk_full"),
      },
      "x-codeSamples": [
        {
          lang: "Shell",
          source: `curl --fail http://localhost:8080/v1/backup -H "Authorization: Bearer $TOKEN" --output electro.duckdb.new`,
        },
      ],
    },
  },
  "/openapi.json": {
    get: open("openapi", "Describes the service", "This document.", {
      200: response("The document.", json({ type: "object" })),
      ...problems(),
    }),
  },
  "/docs": {
    get: open("docs", "Describes the service for people", "A page made from the same document.", PAGE),
  },
};
