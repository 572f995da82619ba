// Loaded into a process before its program: at its end, it says on descriptor 3 how many bytes were resident at most.
import { readFileSync, writeSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

if (isMainThread)
  process.on("exit", () => {
    let peak = process.resourceUsage().maxRSS;
    try {
      // What the system tells of a process counts that from which it was started, too; this does not.
      peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1]);
    } catch {
      // Not Linux.
    }
    writeSync(3, String(peak * 1024));
  });
