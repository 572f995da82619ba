/** For whoever looks after the service. They tell nothing of single readings. */
import { answer, json, problems } from "./answers.js";
import type { Operation, Paths } from "./form.js";
import { ref } from "./form.js";
import { needs } from "./parts.js";

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
