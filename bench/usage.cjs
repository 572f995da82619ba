"use strict";
/**
 * Preloaded into a measured process (`node --require`): when it ends, writes its highest resident memory and its
 * processor time to the file that ELECTRO_BENCH_USAGE names. Every contestant runs inside one Node process, its threads
 * and native libraries included, so this is all it used.
 */
const { isMainThread } = require("node:worker_threads");

if (isMainThread) {
  process.on("exit", () => {
    const fs = require("node:fs");
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    let peakKilobytes = maxRSS;
    try {
      // maxRSS of a forked process can be its parent's from before it became itself; VmHWM is its own alone
      peakKilobytes = Number(/^VmHWM:\s+(\d+) kB$/m.exec(fs.readFileSync("/proc/self/status", "latin1"))[1]);
    } catch {
      // not Linux: maxRSS is what there is
    }
    const usage = { peakBytes: peakKilobytes * 1024, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6 };
    fs.writeFileSync(process.env.ELECTRO_BENCH_USAGE, JSON.stringify(usage));
  });
}
