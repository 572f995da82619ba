/**
 * Who a file that only makes sense during a run belongs to. The owner is part of such a file's name, as
 * `<process>.<when it started>.<host>`, so that a later run can tell a dead owner's from a living one's, and can
 * remove it without ever taking another's by mistake.
 */
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
// biome-ignore lint/style/noRestrictedImports: only a process's own number tells whether the owner of a file is alive; it configures nothing.
import { kill, pid } from "node:process";
import { failedWith } from "./disk-error.js";

export interface Owner {
  readonly pid: number;
  /** When the process started, in the kernel's ticks: tells it from a later one of the same number. "0": not known. */
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

/** undefined for what no owner's text looks like. */
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

/** When a process started, from Linux's /proc; "zombie" for one that has ended; "0" where that cannot be told. */
function startOf(process: number): string {
  try {
    const stat = readFileSync(`/proc/${process}/stat`, "latin1");
    // The second field, the program's name, may hold anything; after its last parenthesis come state, … and, as the
    // twentieth, the start.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? "zombie" : (fields[19] ?? UNKNOWN);
  } catch {
    return UNKNOWN;
  }
}
