/** The options that only the command line has: a part of the table of options. `option.ts` has the form of an entry. */
import { option, say } from "../base/message.js";
import { HEADING, type OptionTable, under } from "./option.js";

const SUMMING = { aggregate: {}, export: {} };
const ALL = {
  ...{
    aggregate: {},
    load: {},
    export: {},
    quality: {},
    serve: {},
    token: {},
    check: {},
    retract: {},
    backup: {},
    compact: {},
    profiles: {},
  },
};

const SERVICE = under(
  { heading: HEADING.service, commands: { serve: {} } },
  {
    host: {
      ...{ kind: "text", placeholder: "HOST", default: "127.0.0.1" },
      says: "address to listen on; any but this machine's own requires tokens",
    },
    port: {
      ...{ kind: "whole", least: 0, most: 65_535, default: 8080 },
      says: "port to listen on; 0: any free one",
    },
    tokens: {
      ...{ kind: "text", placeholder: "FILE", default: "electro-tokens.json", says: "where tokens are kept" },
      commands: {
        serve: { says: "where tokens are kept; a file that is named must exist" },
        token: { heading: HEADING.tokens },
      },
    },
    trustedProxies: {
      ...{ kind: "texts", each: "trustedProxy", placeholder: "ADDRESS", otherwise: "none" },
      says: "address of a proxy, or a range such as `10.0.0.0/8`, whose X-Forwarded-For is trusted; may be repeated",
    },
    cors: {
      ...{ kind: "texts", each: "cors", placeholder: "ORIGIN", otherwise: "none" },
      says: "an origin whose pages in browsers may use the service, as `https://energy.example.com`; may be repeated",
    },
    maxBody: {
      ...{ kind: "size", least: 1000, default: 256 * 1024 * 1024, otherwise: "`256MiB`" },
      says: "the largest body that is accepted, as `100MB`",
    },
    rateLimit: {
      ...{ kind: "whole", least: 1, most: 1_000_000, default: 10_000 },
      says: "requests per second from one token or address",
    },
  },
);

const WHERE = under(
  { kind: "text", heading: HEADING.where, commands: { check: {}, retract: {}, backup: {}, compact: {} } },
  {
    service: {
      placeholder: "URL",
      says: "instead of a store: the service that has it open, as `http://127.0.0.1:8080`",
    },
    tokenFile: {
      placeholder: "FILE",
      says: say`with \`${option("service")}\`: a file with a token of scope \`admin\``,
      commands: {
        ...{ check: {}, backup: {}, compact: {} },
        retract: {
          says: say`with \`${option("service")}\`: a file with a token of scope \`admin\`, or \`write\` for the sender's own batches`,
        },
      },
    },
  },
);

const SHOW = under(
  { kind: "flag", heading: HEADING.show, commands: ALL },
  {
    print: { says: "also print the tables to standard output", commands: SUMMING },
    findings: {
      says: "a row for each gap and each time range with duplicates, instead of each source",
      commands: { quality: {} },
      http: {
        calls: ["quality"],
        says: "with CSV: a row for each gap and each time range with duplicates, instead of each source",
      },
    },
    csv: { says: "CSV instead of a table, sources ordered by id", commands: { quality: {} } },
    json: {
      says: say`print the manifest to standard output; not together with \`${option("print")}\``,
      commands: {
        ...SUMMING,
        load: { says: "print what happened to each input to standard output" },
        quality: { says: "JSON instead of a table: sources ordered by id, with all findings" },
        check: { says: "print the result to standard output" },
        token: { says: "with `list`: print JSON instead of a table" },
      },
    },
    quiet: {
      short: "q",
      says: "log only errors and the warnings that change what a number means: no progress, no closing summary",
    },
    verbose: { short: "v", says: "log details and every bad record" },
    logFormat: {
      ...{ kind: "choice" },
      choices: ["text", "json"],
      default: "text",
      says: "format of the log; with `json`, each line is an object",
    },
    help: { short: "h", says: "print this help" },
  },
);

export const COMMAND_LINE_OPTIONS = {
  scope: {
    ...{ kind: "choices", placeholder: "SCOPES", heading: HEADING.tokens },
    choices: ["read", "write", "admin"],
    says:
      "with `add`: what the bearer may do: `read`, `write` (its own batches), `admin` (all batches, backups, checks and compaction of " +
      "the store), or several, as `read,write`; none includes another",
    commands: { token: {} },
  },
  expires: {
    ...{ kind: "text", placeholder: "DAY", heading: HEADING.tokens, otherwise: "never" },
    says:
      "with `add` and `rotate`: the last day on which the token is valid, in UTC, as `2026-12-31`, or the days from now, as " +
      "`90d`",
    commands: { token: {} },
  },
  ...{ ...SERVICE, ...WHERE, ...SHOW },
} as const satisfies OptionTable;
