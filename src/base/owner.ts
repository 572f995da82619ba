/**
 * The owner of a file that is only valid during a run. It is part of the file's name, as `<process>.<start time>.<host>`, so
 * that a later run can tell whether the owner is still running, and never removes a running owner's file by mistake.
 */
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
// biome-ignore lint/style/noRestrictedImports: only a process's own number tells whether the owner of a file is alive; it configures nothing.
import { kill, pid } from "node:process";
import { failedWith } from "./disk-error.js";

export interface Owner {
  readonly pid: number;
  /** When the process started, in kernel ticks: distinguishes it from a later one with the same number. "0": not known. */
  readonly start: string;
  readonly host: string;
}

const UNKNOWN = "0";
const OWNER = /^(\d{1,10})\.(\d{1,20})\.([A-Za-z0-9_-]*)$/;

export function thisOwner(): Owner {
  return {
    pid,
    start: startOf(pid),
    host: hostname()
      .slice(0, 64)
      .replace(/[^A-Za-z0-9-]/g, "_"),
  };
}

export function ownerText({ pid, start, host }: Owner): string {
  return `${pid}.${start}.${host}`;
}

/** Parses an owner's text; undefined if it is not one. */
export function parseOwner(text: string): Owner | undefined {
  const match = OWNER.exec(text);
  return match ? { pid: Number(match[1]), start: match[2], host: match[3] } : undefined;
}

/** Whether an owner's process is running; "unknown" on another host. */
export function lives(owner: Owner): boolean | "unknown" {
  if (owner.host !== thisOwner().host) return "unknown";
  const start = startOf(owner.pid);
  if (start !== UNKNOWN && owner.start !== UNKNOWN) return start === owner.start;
  try {
    return kill(owner.pid, 0);
  } catch (error) {
    return failedWith(error, "EPERM");
  }
}

/** When a process started, from Linux's /proc; "zombie" if it has ended; "0" if not known. */
function startOf(process: number): string {
  try {
    const stat = readFileSync(`/proc/${process}/stat`, "latin1");
    // The second field, the program's name, may contain anything. The fields after its last parenthesis begin with the
    // state; the twentieth is the start time.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? "zombie" : (fields[19] ?? UNKNOWN);
  } catch {
    return UNKNOWN;
  }
}
