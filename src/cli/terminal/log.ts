/**
 * The log: one line per event. As text, errors and warnings begin with their level. As JSON, each line is an object with
 * `time`, `level`, perhaps `code`, `message`, and fields of the event. Messages may contain anything from users' files, so
 * they are made printable here, and only here.
 */
import { printable, printableJson } from "./printable.js";

export type Level = "error" | "warning" | "info" | "debug";
export type LogFormat = "text" | "json";

export interface Entry {
  level: Level;
  /** One line. Use `lines` for several. */
  message?: string;
  lines?: readonly string[];
  /** The kind of event, for programs. */
  code?: string;
  /** More data for programs; only in JSON. */
  fields?: Readonly<Record<string, unknown>>;
  /** Logged whatever the lowest level is. */
  always?: boolean;
  /** As text, show the message without its level. */
  bare?: boolean;
}

export interface LogSettings {
  format: LogFormat;
  /** The lowest level that is logged. */
  least: Level;
  /** Whether text is coloured. */
  colour: boolean;
  /** Milliseconds since 1970. */
  now(): number;
  write(line: string): void;
}

export type Log = (entry: Entry) => void;

const RANK: Readonly<Record<Level, number>> = { error: 0, warning: 1, info: 2, debug: 3 };
const COLOUR: Readonly<Record<Level, string>> = { error: "31", warning: "33", info: "0", debug: "2" };

export function createLog(settings: LogSettings): Log {
  return (entry) => {
    if (!entry.always && RANK[entry.level] > RANK[settings.least]) return;
    settings.write(
      `${settings.format === "json" ? jsonLine(entry, settings.now()) : textLine(entry, settings.colour)}\n`,
    );
  };
}

/** The lowest level that is logged. */
export function leastLevel(flags: { quiet?: boolean; verbose?: boolean }): Level {
  if (flags.quiet) return "error";
  return flags.verbose ? "debug" : "info";
}

function jsonLine(entry: Entry, now: number): string {
  const { level, lines, message = lines?.join("; "), code, fields } = entry;
  return printableJson({ time: new Date(now).toISOString(), level, ...(code && { code }), message, ...fields });
}

function textLine(entry: Entry, colour: boolean): string {
  const message = (entry.lines ?? [entry.message ?? ""]).map(printable).join("\n");
  if (entry.bare || entry.level === "info") return message;
  return `${painted(`${entry.level}:`, COLOUR[entry.level], colour)} ${message}`;
}

function painted(text: string, code: string, colour: boolean): string {
  return colour ? `\x1b[${code}m${text}\x1b[0m` : text;
}
