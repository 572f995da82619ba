/** For whoever looks after the service. They tell nothing of single readings. */

import type { Operation, Paths } from "./form.js";
import { ref } from "./form.js";
import { needs } from "./parts.js";
import { answer, json, problems } from "./responses.js";

function open(operationId: string, summary: string, description: string, responses: Operation["responses"]): Operation {
  return { operationId, tags: ["Watching it"], summary, description, security: [], responses };
}

const text = (type: string) => ({ [type]: { schema: { type: "string" } } });

export const WATCHING: Paths = {
  "/": {
    get: open("root", "Leads to the description", "", {
      307: answer("Go to `/docs`.", undefined, { Location: ref("headers", "Location-Docs") }),
      ...problems(),
    }),
  },
  "/healthz": {
    get: open("health", "Tells that the service runs", "It answers, so it runs. For restarting it when it does not.", {
      200: answer("It runs.", json(ref("schemas", "Health"))),
      ...problems("unknown_parameter"),
    }),
  },
  "/readyz": {
    get: open(
      "ready",
      "Tells whether the service can keep readings",
      "It has tried to write. For sending it requests only then.",
      {
        200: answer("It can.", json(ref("schemas", "Health"))),
        ...problems("unknown_parameter", "store_failed"),
      },
    ),
  },
  "/metrics": {
    get: {
      ...open("metrics", "Tells counts and times", "In the text form of Prometheus.", {
        200: answer("The metrics.", text("text/plain")),
        ...problems("not_authorised", "missing_scope", "unknown_parameter"),
      }),
      security: needs("read"),
    },
  },
  "/v1/check": {
    post: {
      operationId: "check",
      tags: ["Watching it"],
      summary: "Proves the sums of the store anew",
      description:
        "Works out from the batches that count every sum that is kept, compares, and tells what differs; and whether acknowledged batches are missing. It reads all of the store, as it was when the call came, which may take minutes, while the service works. One at a time.",
      security: needs("admin"),
      responses: {
        200: answer("The store was read to its end.", json(ref("schemas", "Proof"))),
        ...problems("not_authorised", "missing_scope", "cross_site", "unknown_parameter", "busy", "store_failed"),
      },
      "x-codeSamples": [
        { lang: "Shell", source: 'curl -X POST http://localhost:8080/v1/check -H "Authorization: Bearer $TOKEN"' },
      ],
    },
  },
  "/v1/backup": {
    get: {
      operationId: "backup",
      tags: ["Watching it"],
      summary: "Copies the store while it works",
      description:
        "One file, which is a store of its own: every batch that was acknowledged before the call is in it, each batch wholly or not at all. It is made on the store's disk first, so that a slow client keeps nothing from the service. One at a time. A file that is shorter than `Content-Length` is no backup.",
      security: needs("admin"),
      responses: {
        200: answer(
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
      200: answer("The document.", json({ type: "object" })),
      ...problems(),
    }),
  },
  "/docs": {
    get: open("docs", "Describes the service for people", "A page made of the same document.", {
      200: answer("The page.", text("text/html")),
      ...problems(),
    }),
  },
};
