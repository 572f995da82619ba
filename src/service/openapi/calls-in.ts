/** What comes in: batches, and their ledger. */

import { BATCHES, READINGS } from "../http/parameters.js";
import { DATASET } from "./dataset.js";
import type { Paths } from "./form.js";
import { ref } from "./form.js";
import { listed, NOT_READ, needs } from "./parts.js";
import { json, problems, response } from "./responses.js";

/** One of them is enough. */
const LOOK = [...needs("read"), ...needs("write"), ...needs("admin")];

export const INCOMING: Paths = {
  "/v1/readings": {
    post: {
      operationId: "ingest",
      tags: ["Ingestion"],
      summary: "Takes a batch of readings",
      description:
        "All of the batch counts, once, or none of it. It is on disk when it is acknowledged. Without an `Idempotency-Key`, the same batch sent again counts again; with one, it never does. A body that is empty, or only has blanks, is refused; `[]` is a batch without readings.",
      security: needs("write"),
      parameters: listed(READINGS, "Idempotency-Key", "Content-Encoding"),
      requestBody: DATASET,
      responses: {
        200: response(
          "The receipt as it would be: with `dry_run=true` nothing is stored.",
          json(ref("schemas", "Receipt")),
        ),
        201: response(
          "The batch counts, and is on disk. Also the response to a batch that was sent again.",
          json(ref("schemas", "Receipt"), {
            batch_id: "17-3f9a0c5be1",
            state: "counts",
            ended: null,
            replaced_by: null,
            readings: 2,
            rejected: 0,
            rejected_by_reason: {},
            rejects_kept: 0,
            rounded: 0,
            repeated_wall_times: 0,
            skipped_wall_times: 0,
            left_out: {},
            quality_flags: {},
            read_as: [],
            warnings: [],
            sources: 1,
            first: "2024-01-31T13:00:00Z",
            last: "2024-01-31T13:15:00Z",
            total_kWh: "0.3",
            rejects: [],
          }),
          { Location: ref("headers", "Location"), "Idempotency-Replayed": ref("headers", "Idempotency-Replayed") },
        ),
        ...problems(
          "not_authorised",
          "missing_scope",
          "cross_site",
          "bad_parameter",
          "unknown_parameter",
          "bad_idempotency_key",
          "no_such_batch",
          "already_ended",
          "readings_there",
          "other_way",
          "register_conflict",
          "key_reused",
          "bad_records",
          "strict",
          "too_much_energy",
          "stretches_period",
          "store_failed",
          "disk_full",
          ...NOT_READ,
        ),
      },
      "x-codeSamples": [
        {
          lang: "Shell",
          source: `curl http://localhost:8080/v1/readings -H "Authorization: Bearer $TOKEN" \\
  -H "Content-Type: application/x-ndjson" -H "Idempotency-Key: m1-2024-01-31" \\
  --data-binary @readings.ndjson`,
        },
      ],
    },
  },
  "/v1/batches": {
    get: {
      operationId: "listBatches",
      tags: ["The ledger"],
      summary: "Lists what came in",
      description:
        "The latest first, a page at a time. The totals of the batches that count add up to those of the sources. With only `write`, it has what the token's name has sent.",
      security: LOOK,
      parameters: listed(BATCHES),
      responses: {
        200: response("A page.", json(ref("schemas", "Batches"))),
        ...problems(
          "not_authorised",
          "missing_scope",
          "bad_parameter",
          "unknown_parameter",
          "bad_cursor",
          "store_failed",
        ),
      },
    },
  },
  "/v1/batches/{id}": {
    get: {
      operationId: "getBatch",
      tags: ["The ledger"],
      summary: "Shows a batch",
      description:
        "Whether it counts, what it has, who sent it, and when. With only `write`, it must be from the token's name.",
      security: LOOK,
      parameters: listed({}, "id"),
      responses: {
        200: response("The batch.", json(ref("schemas", "Batch"))),
        ...problems("not_authorised", "missing_scope", "unknown_parameter", "no_such_batch", "store_failed"),
      },
    },
    delete: {
      operationId: "retractBatch",
      tags: ["The ledger"],
      summary: "Retracts a batch",
      description:
        "Removes exactly what the batch added. It stays in the ledger, as retracted. One that no longer counts stays as it is. With `write`, it must be from the token's name; with `admin`, it may be any.",
      security: [...needs("write"), ...needs("admin")],
      parameters: listed({}, "id"),
      responses: {
        200: response("The batch, which no longer counts.", json(ref("schemas", "Batch"))),
        ...problems(
          "not_authorised",
          "missing_scope",
          "cross_site",
          "unknown_parameter",
          "no_such_batch",
          "store_failed",
          "disk_full",
        ),
      },
      "x-codeSamples": [
        {
          lang: "Shell",
          source: `curl -X DELETE http://localhost:8080/v1/batches/BATCH_ID -H "Authorization: Bearer $TOKEN"`,
        },
      ],
    },
  },
  "/v1/batches/{id}/rejects": {
    get: {
      operationId: "listRejects",
      tags: ["The ledger"],
      summary: "Lists the bad records of a batch",
      description:
        "Those that `on_error=skip` set aside, word for word, as lines of JSON: `record`, `line` and `byte` tell where each was (counted from 1, 1 and 0), `reason` and `message` what is wrong with it, and `text` the record itself, or `base64` if it is not UTF-8. At most the first 10,000, and 4 MiB, are kept, until the batch is retracted or replaced.",
      security: LOOK,
      parameters: listed({}, "id"),
      responses: {
        200: response("The records, in order.", {
          "application/x-ndjson": {
            schema: { type: "string", pattern: '^(\\{"input":[^\\n]*\\}\\n)*$' },
            example:
              '{"input":"body","record":2,"line":2,"byte":70,"reason":"missing_value","message":"no kWh_value","text":"{}"}\n',
          },
        }),
        ...problems(
          "not_authorised",
          "missing_scope",
          "unknown_parameter",
          "no_such_batch",
          "rejects_gone",
          "busy",
          "store_failed",
        ),
      },
    },
  },
};
