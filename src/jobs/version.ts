/** The running versions: constants of the process, for manifests. */
import { readFileSync } from "node:fs";
import { versions } from "node:process";

/** The version of this package. */
export function version(): string {
  const file = new URL("../../package.json", import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

/** Versions of Node.js and of the time zone data that it carries. */
export function platform(): { node: string; tz: string } {
  return { node: versions.node, tz: versions["tz"] ?? "unknown" };
}
