/** Kills a process that works on a store, again and again, and holds what is left to what had been acknowledged. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { openDuckdb } from "../../dist/store/duckdb/store.js";
import type { Batch } from "../../dist/store/store.js";
import { until, within } from "../wait.mjs";
import { addTo, type Cell, expectedCells, readSources, type Sums } from "./batches.js";
import { batchFor, cellsFor } from "./killed.mjs";

const WORKER = fileURLToPath(new URL("killed.mjs", import.meta.url));

/** What is known of the batches over all lives of a store. */
export class Acknowledged {
  readonly sent = new Map<string, number>();
  readonly begun = new Set<number>();
  readonly ended = new Map<string, Batch["state"]>();
  readonly ending = new Set<string>();
  next = 1;

  /** Takes in what a worker said; the last line may be cut off. */
  hear(text: string): void {
    for (const line of text.split("\n").slice(0, -1)) {
      const [what, name = "", more = ""] = line.split(" ");
      if (what === "send") this.begun.add(Number(name));
      if (what === "sent") this.sent.set(more, Number(name));
      if (what === "end") this.ending.add(name);
      if (what === "ended") this.ended.set(name, more as Batch["state"]);
    }
    this.next = Math.max(this.next, ...this.begun) + 1000;
  }
}

/** Lets a worker live until it has told of so many changes that are acknowledged, and kills it whatever it does then. */
export async function liveAndDie(path: string, known: Acknowledged, changes: number): Promise<void> {
  const worker = spawn(process.execPath, [WORKER, path, String(known.next)], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  let acknowledged = 0;
  worker.stdout.setEncoding("utf8").on("data", (text: string) => {
    acknowledged += text.match(/^(sent|ended) /gm)?.length ?? 0;
    said += text;
  });
  const ended = new Promise<string | null>((resolve) => worker.on("close", (_, signal) => resolve(signal)));
  try {
    const enough = () => worker.exitCode !== null || (said.startsWith("open") && acknowledged >= changes);
    await until(`${changes} changes are acknowledged`, enough);
  } finally {
    worker.kill("SIGKILL");
  }
  if ((await within("the end of the worker", ended)) !== "SIGKILL")
    throw new Error(`the worker ended by itself: ${said.slice(-500)}`);
  known.hear(said);
}

/** What is wrong with a store after its process was killed; an empty list if nothing is. */
export async function faultsOf(path: string, known: Acknowledged): Promise<string[]> {
  const alarms: string[] = [];
  const tell = ({ message }: { message: string }) => alarms.push(message);
  const store = await openDuckdb(path, { memory: 2 ** 28, maxSources: 1000, keyRun: 200, logBytes: 200_000, tell });
  try {
    const faults = [...alarms, ...(await store.check()).map(({ message }) => message)];
    const there = new Map<string, Batch>();
    const sums: Sums = new Map();
    const keys = new Set<string>();
    await store.read(async (reader) => {
      for (let before: string | undefined; ; ) {
        const page = await reader.batches({ before, limit: 1000 });
        for (const batch of page) there.set(batch.id, batch);
        before = page.at(-1)?.id;
        if (before === undefined) break;
      }
      for (const { id, key, state } of there.values()) {
        const n = Number(key?.replace("batch ", ""));
        if (!known.begun.has(n)) faults.push(`batch ${id} was never sent`);
        if (keys.has(key as string)) faults.push(`key ${key} is there twice`);
        keys.add(key as string);
        if (state === "counts") addTo(sums, cellsFor(n));
        else if (!known.ending.has(id)) faults.push(`batch ${id} is ${state}, and nobody ended it`);
      }
      const found = await readSources(reader, { from: 0, to: 3_000_000 });
      const expected = expectedCells(sums, 0, 3_000_000);
      const text = (cells: Cell[]) => cells.map((cell) => Object.values(cell).join()).join("\n");
      if (text(found) !== text(expected)) faults.push("the sums are not those of the batches that count");
    });
    for (const [id, n] of known.sent)
      if (there.get(id)?.key !== `batch ${n}`) faults.push(`batch ${n} was acknowledged`);
    for (const [id, state] of known.ended)
      if (there.get(id)?.state !== state) faults.push(`batch ${id} was ${state}, and is ${there.get(id)?.state}`);
    for (const [id, n] of [...known.sent].slice(-20)) {
      const again = await store.ingest(batchFor(n));
      if (!again.repeated || again.batch.id !== id) faults.push(`batch ${n} came in once more under its key`);
    }
    return faults;
  } finally {
    await store.close();
  }
}
