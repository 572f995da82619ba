/**
 * The OpenAPI document of the service. The tests check each response of the service against it.
 *
 * It is not made by `@fastify/swagger`, which would make it from schemas that stand at the routes. Those are what most of
 * this folder is: sentences, schemas and the problems of each call; the parameters come from the table of options already.
 * It would replace the types in `form.ts` and the function below, some 100 lines, with 6 packages (2.3 MB), 0.2 to 0.5 s at
 * each start, and code that turns off the validation that comes with such schemas: ours answers in the words of the options.
 */
import { INCOMING } from "./calls-in.js";
import { OUTGOING } from "./calls-out.js";
import { WATCHING } from "./calls-watch.js";
import type { OpenapiDocument } from "./form.js";
import { PARAMETERS } from "./parts.js";
import { PROFILE } from "./profile.js";
import { QUALITY } from "./quality.js";
import { HEADERS, SCHEMAS } from "./schemas.js";

const INTRODUCTION = `Electro stores readings (kWh values with timestamps) and returns exact hourly and daily sums of them. Energies are decimal text, with all their digits.

**Access.** A client sends its token with every call: \`Authorization: Bearer TOKEN\`. A token has one or more of the scopes \`read\`, \`write\` and \`admin\`, none of which includes another. \`read\` sees everything; \`write\` sends batches, and sees and ends those that were sent under its token's name; \`admin\` sees and ends all batches, and checks and copies the store. A token may be limited to some sources, which are then all that it sees and sends, and may expire. Tokens are made with \`electro token add\`. A service without tokens is open to its own machine, and only listens there.

**Batches.** What comes in with one call is a batch: all of it counts, once, or none of it. It can be retracted, or replaced by a later one. Sent again with the same \`Idempotency-Key\`, it changes nothing.

**Parameters** that a call does not know, and invalid values, are refused, never ignored. Every response has an \`X-Request-Id\`, which is in the service's log too; a client may send one of its own.`;

/** A scheme for each scope: OpenAPI lists scopes only for those of OAuth. */
function bearer(scope: string): object {
  return { type: "http", scheme: "bearer", description: `A token from \`electro token add --scope ${scope}\`.` };
}

export function openapiDocument(version: string): OpenapiDocument {
  return {
    openapi: "3.1.0",
    info: {
      title: "Electro",
      version,
      summary: "Exact hourly and daily sums of kWh readings",
      description: INTRODUCTION,
      contact: { name: "Electro contributors" },
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/", description: "The service that this document comes from" }],
    tags: [
      { name: "Ingestion", description: "Sending batches of readings." },
      { name: "The ledger", description: "What came in, from whom and when; and retracting it." },
      { name: "Summaries", description: "Sums by hour, day and other resolutions, and what they are made of." },
      { name: "Operation", description: "For operating the service." },
    ],
    paths: { ...INCOMING, ...OUTGOING, ...PROFILE, ...QUALITY, ...WATCHING },
    components: {
      schemas: SCHEMAS,
      parameters: PARAMETERS,
      headers: HEADERS,
      securitySchemes: {
        read: bearer("read"),
        write: bearer("write"),
        admin: bearer("admin"),
      },
    },
  };
}
