// Starts Chromium, for tests and for pictures of the dashboard.
import puppeteer from "puppeteer-core";
import { chromium } from "../../scripts/chromium.mjs";

/**
 * @param {Record<string, string | undefined>} [env]
 * @returns {Promise<import("puppeteer-core").Browser>}
 */
export function launch(env = process.env) {
  const executablePath = chromium();
  if (executablePath === undefined) throw new Error("there is no Chromium: node scripts/chromium.mjs");
  return puppeteer.launch({
    executablePath,
    headless: "shell",
    // Its end of the pipe closes with this process, however that ends: so no browser stays behind.
    pipe: true,
    env,
    args: [
      ...["--no-sandbox", "--disable-gpu", "--lang=en-US", "--force-color-profile=srgb"],
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ],
    // Ends for what hangs, not for what is slow.
    protocolTimeout: 120_000,
    timeout: 120_000,
  });
}
