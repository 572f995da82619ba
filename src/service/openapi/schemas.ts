/** The JSON of bodies and responses. Energies are decimal text: a float would lose digits. */
import { PROBLEMS } from "../http/problem.js";
import { DATASET_SCHEMAS } from "./dataset.js";
import type { Header, Schema } from "./form.js";
import { count, countsBy, day, energy, id, list, object, optional, time } from "./make.js";
import { PROFILE_SCHEMAS } from "./profile.js";
import { QUALITY_SCHEMAS } from "./quality.js";
import { SUMMARY_SCHEMAS } from "./summaries.js";

const ENDED = {
  state: { enum: ["counts", "retracted", "replaced"], description: "Whether it counts, or why it does not." },
  ended: time("When it stopped counting; null while it counts."),
  replaced_by: optional(id("The batch that replaced it.")),
};

const COUNTED = {
  readings: count("Its readings."),
  rejected: count("Bad records that were set aside: 0 unless `on_error=skip`."),
  rejected_by_reason: countsBy("How many, by reason."),
  rejects_kept: count(
    "How many of them `/v1/batches/{id}/rejects` has while the batch counts: at most the first 10,000, and 4 MiB.",
  ),
  rounded: count("Readings with more than 18 decimal places of a kWh, which were rounded."),
  repeated_wall_times: count("Timestamps without an offset that a clock change repeats."),
  skipped_wall_times: count("Timestamps without an offset that a clock change skips."),
  left_out: countsBy("What is no reading by the parameters, by why: `missing`, a value that stands for none."),
  quality_flags: countsBy("Readings by their flag of quality, where their format has them: `A`, `E`."),
  read_as: {
    type: "array",
    items: { type: "string" },
    description:
      "The profiles that it was recognised by, without being told to: one, or those of the members of an archive.",
  },
  warnings: list("Warning", "What is odd about it, as `electro load` would report."),
  sources: count("Sources with a reading."),
  first: time("The first timestamp; null without a reading."),
  last: time("The last timestamp; null without a reading."),
  total_kWh: energy("The sum of its readings."),
};

export const SCHEMAS: Readonly<Record<string, Schema>> = {
  Energy: {
    type: "string",
    pattern: "^-?(0|[1-9][0-9]*)(\\.[0-9]{0,17}[1-9])?$",
    description: "kWh as a decimal number in a string: all digits, no exponent.",
    examples: ["0.3", "-12.75", "0"],
  },
  Receipt: object(
    "What happened to a batch. Sent again with its key, a batch gets the same receipt, until it has ended.",
    {
      batch_id: optional(id("Names the batch from now on; null after a dry run.")),
      ...ENDED,
      ...COUNTED,
      rejects: list("BadRecord", "The first 20 bad records."),
    },
  ),
  Warning: object("What is odd.", { code: id("For programs."), message: id("For people.") }),
  Proof: object("Whether the store's sums are what its batches add up to.", {
    proven: { type: "boolean", description: "They are, and nothing acknowledged is missing." },
    batches: count("Batches that count."),
    sources: count("Sources with a reading."),
    readings: count("Readings that count."),
    differences: list("Difference", "The first 100 differences; none if it is proven."),
  }),
  Compacted: object("What the store takes on disk, in bytes.", {
    before: count("Before."),
    after: count("Now."),
  }),
  Difference: object("A sum in the store that is not what the batches add up to.", {
    message: id("What it is about, what is kept, and what that should be."),
    "batch?": id("The batch, if it is about one."),
    "source?": { type: "string", description: "The source, if it is about one." },
    "day?": { type: "string", format: "date", description: "The day of UTC, if it is about one." },
    "kept?": id("What is kept."),
    "found?": id("What the batches add up to."),
  }),
  ...SUMMARY_SCHEMAS,
  Sources: object("A page of the sources.", {
    sources: list("Source", "In the order of their UTF-8 bytes."),
    next: optional(id("`cursor` for the next page; null on the last.")),
  }),
  Source: object("What the store has of a source.", {
    source_id: { type: "string", description: "The source; an empty one is the unnamed source." },
    first: time("The start of the quarter hour of the first reading."),
    last: time("The start of the quarter hour of the last reading."),
    readings: count("Readings that count."),
    total_kWh: energy("Their sum."),
  }),
  Batches: object("A page of the ledger.", {
    batches: list("Batch", "The latest first."),
    next: optional(id("`cursor` for the next page; null on the last.")),
  }),
  Batch: object("A batch as the ledger has it.", {
    batch_id: id("Names the batch."),
    ...ENDED,
    idempotency_key: optional(id("As it was sent, if there was one.")),
    received: time("When it came."),
    replaces: optional(id("The batch that it replaced.")),
    sender: optional(id("The name of the token that it came with.")),
    file: optional(id("The file that it was loaded from.")),
    ...COUNTED,
  }),
  State: object("The store when a client begins to listen.", {
    version: count("The version of the store: it grows with every change of what counts."),
    changed: {
      type: ["boolean", "null"],
      description: "Whether this is another version than that of `Last-Event-ID`; null without that header.",
    },
  }),
  Change: object("What changed from one version of the store to a later one.", {
    version: count("The version of the store with the change."),
    from: day(
      "The first day of UTC with readings in the batches that began to count or ended; null if they have none.",
    ),
    to: day("The last such day, inclusive."),
    sources: count(
      "How many sources these batches have. If changes are told together, a source counts for each of them.",
    ),
    batch_id: optional(
      id(
        "The batch that began, or that ended if none began; null if there are several, or for a token that is limited to some sources and has not sent it.",
      ),
    ),
    kind: {
      enum: ["ingested", "retracted", "replaced"],
      description: "`ingested`: batches began to count; `retracted`: batches ended; `replaced`: both.",
    },
  }),
  Health: object("The health of the service.", {
    status: { enum: ["ok", "ready"], description: "`ok` from `/healthz`, `ready` from `/readyz`." },
  }),
  Problem: {
    type: "object",
    description: "What went wrong, in the form of RFC 9457.",
    required: ["type", "title", "status", "detail", "code", "request_id"],
    properties: {
      type: { type: "string", format: "uri-reference", description: "Where this kind of problem is described." },
      title: id("The kind of problem, in words."),
      status: { type: "integer", minimum: 400, maximum: 599, description: "The status of the response." },
      detail: id("What happened, and what to do."),
      code: { enum: Object.keys(PROBLEMS), description: "The kind of problem, for programs." },
      request_id: id("Names the request in the service's log."),
      reason: id("More precisely, for programs."),
      parameter: { type: "string", description: "The query parameter that is meant." },
      rejected: count("With `bad_records`: how many there are."),
      rejected_by_reason: countsBy("With `bad_records`: how many, by reason."),
      record: { type: "integer", minimum: 1, description: "The number of the record that is meant." },
      records: list("BadRecord", "With `bad_records`: the first of them."),
      warnings: list("Warning", "With `strict`: what is odd about the body."),
    },
  },
  BadRecord: object("A record that is not a reading.", {
    record: { type: "integer", minimum: 1, description: "The number of the record in the body." },
    line: { type: "integer", minimum: 1, description: "The line that it begins on." },
    code: id("The reason, for programs."),
    message: id("What is wrong with it, with an excerpt."),
  }),
  ...PROFILE_SCHEMAS,
  ...QUALITY_SCHEMAS,
  ...DATASET_SCHEMAS,
};

export const HEADERS: Readonly<Record<string, Header>> = {
  "X-Request-Id": {
    description: "Names the request in the service's log.",
    required: true,
    schema: { type: "string", minLength: 1 },
  },
  "WWW-Authenticate": {
    description: "How to authenticate.",
    required: true,
    schema: { type: "string", pattern: "^Bearer " },
  },
  "WWW-Authenticate-Scope": {
    description: "With `missing_scope`: the scope that a token needs.",
    schema: { type: "string", pattern: "^Bearer .*scope=" },
  },
  "Retry-After": {
    description: "Seconds after which to try again.",
    required: true,
    schema: { type: "string", pattern: "^[0-9]+$" },
  },
  Location: {
    description: "The batch's address in the ledger.",
    required: true,
    schema: { type: "string", pattern: "^/v1/batches/[^/]+$" },
  },
  "Content-Disposition": {
    description: "It is a file, with this name.",
    required: true,
    schema: { type: "string", pattern: "^attachment; " },
  },
  "Idempotency-Replayed": {
    description: "Present, and `true`, if the key was known: nothing has changed.",
    schema: { const: "true" },
  },
  "Electro-Rejected": {
    description: "With `on_error=skip`: how many bad records were set aside.",
    schema: { type: "string", pattern: "^[0-9]+$" },
  },
  "Electro-Warnings": {
    description:
      "If something is odd about the body: the codes of the warnings, separated by commas. JSON has the full warnings.",
    schema: { type: "string", pattern: "^[a-z_]+(,[a-z_]+)*$" },
  },
  "Electro-Unknown-Sources": {
    description:
      'With `source`: those without any reading, as percent-encoded UTF-8, separated by commas, the unnamed source as `""`; if they are too many for a header, `+N` at the end for N more.',
    schema: { type: "string", minLength: 1, maxLength: 2100 },
  },
  Link: {
    description: 'If another page follows: its address, with `rel="next"`.',
    schema: { type: "string", pattern: '^<[^>]+>; rel="next"$' },
  },
  Accept: { description: "The supported types of body.", schema: { type: "string" } },
  "Accept-Encoding": { description: "The supported compressions of bodies.", schema: { type: "string" } },
  ETag: {
    description: "Identifies this state of the response; see `If-None-Match`.",
    required: true,
    schema: { type: "string", pattern: '^(W/)?"[^"]+"$' },
  },
};
