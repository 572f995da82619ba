/** A thread that sends bodies of a million readings, one after another, until it is told to stop; then says how many. */
import { parentPort, workerData } from "node:worker_threads";
import { electroBody } from "./bodies.mjs";

const { url, cache } = workerData;
let on = true;
parentPort.on("message", () => {
  on = false;
});
let sent = 0;
while (on) await electroBody({ url }, cache, sent++ % 10);
parentPort.postMessage(sent);
parentPort.close();
