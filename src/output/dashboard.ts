/** The dashboard as it was built: served by the service, and put into reports. */
import { readFileSync } from "node:fs";

export interface Dashboard {
  readonly html: string;
  readonly script: string;
  readonly style: string;
}

/** Reads the built files. */
export function readDashboard(): Dashboard {
  const read = (name: string) => readFileSync(new URL(`../../dist/dashboard/${name}`, import.meta.url), "utf8");
  return { html: read("index.html"), script: read("dashboard.js"), style: read("dashboard.css") };
}
