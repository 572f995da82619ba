/** The options that only the command line has, a part of the table of options. What an entry may say is in `option.ts`. */
import { option, say } from "../base/message.js";
import { HEADING, type OptionTable } from "./option.js";

const SUMMING = { aggregate: {}, export: {} };
const STORE_OR_SERVICE = { check: {}, backup: {} };
const ALL = {
  ...{ aggregate: {}, load: {}, export: {}, quality: {}, serve: {}, token: {}, check: {}, backup: {} },
};

export const COMMAND_LINE_OPTIONS = {
  service: {
    ...{ kind: "text", placeholder: "URL", heading: HEADING.where },
    says: "instead of a store: the service that has it open, as `http://127.0.0.1:8080`",
    commands: STORE_OR_SERVICE,
  },
  tokenFile: {
    ...{ kind: "text", placeholder: "FILE", heading: HEADING.where },
    says: say`with \`${option("service")}\`: a file with a token of scope \`admin\``,
    commands: STORE_OR_SERVICE,
  },
  host: {
    ...{ kind: "text", placeholder: "HOST", heading: HEADING.service, default: "127.0.0.1" },
    says: "address to listen on; any but this machine's own needs tokens",
    commands: { serve: {} },
  },
  port: {
    ...{ kind: "whole", least: 0, most: 65_535, placeholder: "N", heading: HEADING.service, default: 8080 },
    says: "port to listen on; 0: one that is free",
    commands: { serve: {} },
  },
  scope: {
    ...{ kind: "choices", placeholder: "SCOPES", heading: HEADING.tokens },
    choices: ["read", "write", "admin"],
    says:
      "with `add`: what the bearer may do: `read`, `write` (its own batches), `admin` (all batches, backups and checks of " +
      "the store), or several, as `read,write`; none includes another",
    commands: { token: {} },
  },
  tokens: {
    ...{ kind: "text", placeholder: "FILE", heading: HEADING.tokens, default: "electro-tokens.json" },
    says: "where tokens are kept",
    commands: {
      serve: {
        ...{ heading: HEADING.service, otherwise: "`electro-tokens.json`, if there" },
        says: "where access tokens are kept; a file that is named has to be there",
      },
      token: {},
    },
  },
  trustedProxies: {
    ...{ kind: "texts", each: "trustedProxy", placeholder: "ADDRESS", heading: HEADING.service, otherwise: "none" },
    says: "address of a proxy, or range as `10.0.0.0/8`, whose X-Forwarded-For says who its client is; may be repeated",
    commands: { serve: {} },
  },
  maxBody: {
    ...{ kind: "size", least: 1000, placeholder: "SIZE", heading: HEADING.service, otherwise: "`256MiB`" },
    says: "the largest body that is taken, as `100MB`",
    commands: { serve: {} },
  },
  rateLimit: {
    ...{ kind: "whole", least: 1, most: 1_000_000, placeholder: "N", heading: HEADING.service, otherwise: "`10000`" },
    says: "requests a second from one token or address",
    commands: { serve: {} },
  },
  print: {
    ...{ kind: "flag", heading: HEADING.show },
    says: "also print the hourly and daily tables to standard output",
    commands: SUMMING,
  },
  findings: {
    ...{ kind: "flag", heading: HEADING.show },
    says: "a row for each gap and each doubled stretch, instead of each source",
    commands: { quality: {} },
    http: {
      calls: ["quality"],
      says: "with CSV: one row for each gap and each doubled stretch, not one for each source",
    },
  },
  csv: {
    ...{ kind: "flag", heading: HEADING.show },
    says: "CSV instead of a table, sources by their ids",
    commands: { quality: {} },
  },
  json: {
    ...{ kind: "flag", heading: HEADING.show },
    says: say`print the manifest to standard output; not together with \`${option("print")}\``,
    commands: {
      ...SUMMING,
      load: { says: "print what became of each input to standard output" },
      quality: { says: "JSON instead of a table: sources by their ids, with all that was found" },
      check: {
        says:
          "print the result to standard output: `proven`, `batches`, `sources`, `readings`, and `differences`, each with " +
          "a `message` and, where it is about them, `source`, `day`, `batch`, `kept`, `found`",
      },
    },
  },
  quiet: {
    ...{ kind: "flag", short: "q", heading: HEADING.show },
    says: "log errors only: no warnings, no progress, no closing summary",
    commands: ALL,
  },
  verbose: {
    ...{ kind: "flag", short: "v", heading: HEADING.show },
    says: "log details and every bad record",
    commands: ALL,
  },
  logFormat: {
    ...{ kind: "choice", heading: HEADING.show },
    choices: ["text", "json"],
    default: "text",
    says: "how the log is written; with `json` each of its lines is an object",
    commands: ALL,
  },
  help: {
    ...{ kind: "flag", short: "h", heading: HEADING.show },
    says: "print this help",
    commands: ALL,
  },
} as const satisfies OptionTable;
