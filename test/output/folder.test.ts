/** Runs into an output folder: those that succeed, fail, are killed, and meet. */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, it } from "vitest";
import { ownerText, thisOwner } from "../../dist/base/owner.js";
import { type OutputFile, openFolder } from "../../dist/output/folder.js";
import { manifestText } from "../../dist/output/manifest.js";
import { until } from "../wait.mjs";
import { base, contents, failure, files, JAN, names, out, write } from "./folder-support.js";
import { sampleManifest } from "./sample.js";

describe("a run that succeeds", () => {
  it("writes its files and a manifest with their rows, bytes and hashes", async () => {
    const manifest = await write({ [JAN(1)]: "one", "daily_data.csv": "days, ä" });
    const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
    expect(manifest.files).toEqual([
      { name: JAN(1), rows: 3, bytes: 3, sha256: sha256("one") },
      { name: "daily_data.csv", rows: 7, bytes: 8, sha256: sha256("days, ä") },
    ]);
    expect(contents()).toEqual({
      [JAN(1)]: "one",
      "daily_data.csv": "days, ä",
      "manifest.json": manifestText(manifest),
    });
  });

  it("replaces the last run's output, and removes those of its files that it does not write", async () => {
    await write({ [JAN(1)]: "old", [JAN(2)]: "old", "daily_data.csv": "old" });
    await write({ [JAN(2)]: "new", [JAN(3)]: "new", "daily_data.csv": "new" });
    expect(names()).toEqual(["daily_data.csv", JAN(2), JAN(3), "manifest.json"]);
    expect(contents()).toMatchObject({ [JAN(2)]: "new", [JAN(3)]: "new", "daily_data.csv": "new" });
  });

  it("never touches a file that no manifest lists, whatever it is called", async () => {
    await write({ [JAN(1)]: "old", "daily_data.csv": "old" });
    const mine = ["notes.txt", JAN(9), ".electro-notes.tmp", ".electro-.tmp", ".electro-lock.txt", "rejected.ndjson"];
    for (const name of mine) writeFileSync(join(out, name), "mine");
    await write({ [JAN(2)]: "new", "daily_data.csv": "new" });
    expect(names()).toEqual(["daily_data.csv", JAN(2), "manifest.json", ...mine].sort());
    expect(mine.map((name) => readFileSync(join(out, name), "utf8"))).toEqual(mine.map(() => "mine"));
  });

  it("succeeds even if files of the last run are gone", async () => {
    await write({ [JAN(1)]: "old", [JAN(2)]: "old", "daily_data.csv": "old" });
    rmSync(join(out, JAN(1)));
    rmSync(join(out, JAN(2)));
    await write({ [JAN(2)]: "new", "daily_data.csv": "new" });
    expect(names()).toEqual(["daily_data.csv", JAN(2), "manifest.json"]);
  });

  it("makes the folders that are missing, and writes into one behind a link", async () => {
    const deep = join(out, "a/b");
    await write({ "daily_data.csv": "days" }, {}, deep);
    symlinkSync(deep, join(base, "link"));
    await write({ "daily_data.csv": "again" }, {}, join(base, "link"));
    expect(contents(deep)["daily_data.csv"]).toBe("again");
    expect(lstatSync(join(base, "link")).isSymbolicLink()).toBe(true);
  });

  it("keeps bad records as one of its files, if there are any", async () => {
    const folder = await openFolder(out);
    const rejects = folder.rejects();
    expect(folder.rejects()).toBe(rejects);
    const place = { input: "a.json", record: 7, line: 9 };
    rejects.add({ ...place, reason: "bad_value", message: "no", bytes: Buffer.from("{}") });
    const manifest = await folder.write(files({ "daily_data.csv": "days" }), sampleManifest);
    folder.close();
    const line = '{"input":"a.json","record":7,"line":9,"reason":"bad_value","message":"no","text":"{}"}\n';
    expect(contents()["rejected.ndjson"]).toBe(line);
    expect(manifest.files.at(-1)).toMatchObject({ name: "rejected.ndjson", rows: 1, bytes: line.length });

    const next = await openFolder(out);
    next.rejects();
    await next.write(files({ "daily_data.csv": "days" }), sampleManifest);
    next.close();
    expect(names()).toEqual(["daily_data.csv", "manifest.json"]);
  });
});

describe("a run that fails", () => {
  const broken = (after: () => void): OutputFile => ({
    name: "daily_data.csv",
    rows: 1,
    *blocks() {
      yield Buffer.from("half");
      after();
    },
  });

  it("leaves the previous output as it was, and nothing of its own", async () => {
    await write({ [JAN(1)]: "old", "daily_data.csv": "old" });
    const before = contents();
    const folder = await openFolder(out);
    folder.rejects();
    const defect = new Error("a defect");
    const late = broken(() => {
      throw defect;
    });
    await expect(folder.write([...files({ [JAN(1)]: "new" }), late], sampleManifest)).rejects.toBe(defect);
    folder.close();
    expect(contents()).toEqual(before);
  });

  it("stops on a signal, between any two blocks, with the signal's reason", async () => {
    await write({ "daily_data.csv": "old" });
    const before = contents();
    const stop = new AbortController();
    const reason = new Error("SIGINT");
    const folder = await openFolder(out);
    const stopping = broken(() => stop.abort(reason));
    await expect(folder.write([...files({ [JAN(1)]: "new" }), stopping], sampleManifest, stop.signal)).rejects.toBe(
      reason,
    );
    folder.close();
    expect(contents()).toEqual(before);
  });

  it("lets signals through while it writes", async () => {
    const stop = new AbortController();
    const folder = await openFolder(out);
    setImmediate(() => stop.abort());
    const endless: OutputFile = {
      name: "daily_data.csv",
      rows: 1,
      *blocks() {
        for (let i = 0; i < 1000; i++) yield Buffer.from("block");
      },
    };
    await expect(folder.write([endless], sampleManifest, stop.signal)).rejects.toThrow("aborted");
    folder.close();
  });

  it("removes the folders that it created, but no others", async () => {
    mkdirSync(join(base, "there"));
    const folder = await openFolder(join(base, "there/a/b"));
    expect(existsSync(join(base, "there/a/b"))).toBe(true);
    folder.close();
    folder.close();
    expect(names(base)).toEqual(["there"]);
    expect(names(join(base, "there"))).toEqual([]);
    (await openFolder(join(base, "there"))).close();
    expect(names(base)).toEqual(["there"]);
  });
});

describe("what a killed run left", () => {
  it("a journal whose manifest is in place already has nothing left to do but to go", async () => {
    await write({ "daily_data.csv": "new" });
    const journal = { format: 1, write: ["daily_data.csv"], replace: [], remove: [JAN(1)] };
    writeFileSync(join(out, ".electro-journal.json"), JSON.stringify(journal));
    writeFileSync(join(out, JAN(1)), "mine, since then");
    (await openFolder(out)).close();
    expect(names()).toEqual(["daily_data.csv", JAN(1), "manifest.json"]);
  });

  it("temporary files are removed by their names, those of others stay", async () => {
    await write({ "daily_data.csv": "old" });
    const stale = [
      JAN(1),
      "hourly_data_2024-01-01.csv",
      "daily_data.csv",
      "manifest.json",
      "rejected.ndjson",
      "journal.json",
    ];
    for (const name of stale) writeFileSync(join(out, `.electro-${name}.tmp`), "half");
    writeFileSync(join(out, ".electro-my.csv.tmp"), "mine");
    (await openFolder(out)).close();
    expect(names()).toEqual([".electro-my.csv.tmp", "daily_data.csv", "manifest.json"]);
  });
});

describe("two runs at once", () => {
  it("the second is told that the first is writing there; afterwards it may", async () => {
    const first = await openFolder(out);
    const message = `another run is writing to out (process ${process.pid}); wait until it has finished, or choose another folder with output`;
    expect(await failure(openFolder(out))).toEqual(["folder_in_use", message]);
    await first.write(files({ "daily_data.csv": "first" }), sampleManifest);
    expect((await failure(openFolder(out)))[0]).toBe("folder_in_use");
    first.close();
    await write({ "daily_data.csv": "second" });
    expect(contents()["daily_data.csv"]).toBe("second");
  });

  it("of several that begin at the same moment, one gets the folder", async () => {
    const code = `
      const { openFolder } = await import(${JSON.stringify(new URL("../../dist/output/folder.js", import.meta.url).href)});
      console.log("ready");
      await new Promise((resolve) => process.stdin.once("data", resolve));
      try {
        const folder = await openFolder(process.argv[1]);
        process.stdin.on("end", () => folder.close());
        console.log("mine");
      } catch (error) {
        console.log(error.code);
      }`;
    mkdirSync(out);
    const round = async () => {
      const runs = Array.from({ length: 4 }, () => {
        const child = spawn(process.execPath, ["--input-type=module", "-e", code, out], { timeout: 100_000 });
        const said: string[] = [];
        createInterface({ input: child.stdout }).on("line", (line) => said.push(line));
        return { child, said, ended: once(child, "exit") };
      });
      await until("all are ready", () => runs.every(({ said }) => said.length === 1));
      for (const { child } of runs) child.stdin.write("go\n");
      // Whoever has it keeps it until all have tried.
      await until("all have tried", () => runs.every(({ said }) => said.length === 2));
      for (const { child } of runs) child.stdin.end();
      await Promise.all(runs.map((run) => run.ended));
      return runs.map(({ said }) => said[1]).sort();
    };
    // None has it where one that gives way is stopped by the system for a second while it does.
    await until("one has it", async () => {
      const outcomes = await round();
      expect(outcomes.slice(0, 3)).toEqual(["folder_in_use", "folder_in_use", "folder_in_use"]);
      return outcomes[3] === "mine";
    });
    expect(names()).toEqual([]);
  });

  it("the lock of a process that is dead, or whose number another process has now, counts for nothing", async () => {
    await write({ "daily_data.csv": "old" });
    const dead = spawnSync(process.execPath, ["-p", "process.pid"]);
    const owner = thisOwner();
    const locks = [{ ...owner, pid: Number(dead.stdout) }, ...(owner.start === "0" ? [] : [{ ...owner, start: "1" }])];
    for (const lock of locks) writeFileSync(join(out, `.electro-lock.${ownerText(lock)}.0`), "");
    await write({ "daily_data.csv": "new" });
    expect(names()).toEqual(["daily_data.csv", "manifest.json"]);
  });

  it("the lock of another host counts while it is touched, and two minutes longer", async () => {
    await write({ "daily_data.csv": "old" });
    const name = `.electro-lock.${ownerText({ ...thisOwner(), pid: 12, host: "elsewhere" })}.0`;
    writeFileSync(join(out, name), "");
    expect((await failure(openFolder(out)))[1]).toBe(
      "another run is writing to out (process 12 on elsewhere); wait until it has finished, or choose another folder with " +
        `output; if it was killed, wait two minutes, or remove ${name}`,
    );
    const before = new Date(Date.now() - 180_000);
    utimesSync(join(out, name), before, before);
    await write({ "daily_data.csv": "new" });
    expect(names()).toEqual(["daily_data.csv", "manifest.json"]);
  });

  it("a run whose lock was taken away stops before it changes anything", async () => {
    await write({ "daily_data.csv": "old" });
    const before = contents();
    const folder = await openFolder(out);
    for (const name of names()) if (name.startsWith(".electro-lock")) rmSync(join(out, name));
    const [code, message] = await failure(folder.write(files({ "daily_data.csv": "new" }), sampleManifest));
    expect([code, message]).toEqual([
      "folder_taken",
      "another run took over out while this one was writing; run again",
    ]);
    folder.close();
    expect(contents()).toMatchObject(before);
  });
});
