// Where Chromium is, which the tests of the dashboard drive. `node scripts/chromium.mjs` installs Debian's where there is none.
// The one without a window of its own needs a third of the time: the other also draws tabs and buttons that nobody sees.
import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";

const SHELL = "chromium-headless-shell";

/** Its path, from `PATH`. @returns {string | undefined} */
export function chromium() {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return [SHELL, "chromium"]
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href && chromium() === undefined) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  for (const args of [
    ["update", "-qq"],
    ["install", "-yqq", "--no-install-recommends", SHELL, "fonts-dejavu-core"],
  ]) {
    const { status } = spawnSync("apt-get", args, { stdio: "inherit", env });
    if (status !== 0) console.error(`apt-get ${args[0]} failed; it needs root and Debian's packages`);
  }
  if (chromium() === undefined) process.exitCode = 1;
}
