import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RunError } from "../../dist/domain/errors.js";
import { type FolderOptions, type OutputFile, openFolder } from "../../dist/output/folder.js";
import { type Manifest, manifestText } from "../../dist/output/manifest.js";
import { ownerText, thisOwner } from "../../dist/output/owner.js";
import { sampleManifest } from "./sample.js";

let base: string;
let out: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "electro-folder-"));
  out = join(base, "out");
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const JAN = (day: number) => `hourly_data_0${day}_01.csv`;

function files(texts: Record<string, string>): OutputFile[] {
  return Object.entries(texts).map(([name, text]) => ({ name, rows: text.length, blocks: () => [Buffer.from(text)] }));
}

/** One run, as whoever uses the folder should do it. */
async function write(texts: Record<string, string>, options?: FolderOptions, dir = out): Promise<Manifest> {
  const folder = await openFolder(dir, options);
  try {
    return await folder.write(files(texts), sampleManifest);
  } finally {
    folder.close();
  }
}

/** What a run fails with; the paths in its message are told from the test's folder. */
async function failure(run: Promise<unknown>): Promise<[code: string, message: string]> {
  const error = await run.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(RunError);
  const { code, message } = error as RunError;
  return [code, message.replaceAll(`${base}/`, "")];
}

function contents(dir = out): Record<string, string> {
  return Object.fromEntries(readdirSync(dir).map((name) => [name, readFileSync(join(dir, name), "utf8")]));
}

function names(dir = out): string[] {
  return readdirSync(dir).sort();
}

const IN_THE_WAY = "no manifest says that it is an earlier run's output";
const WAYS_OUT = "move it away, choose another folder with --output, or have it replaced with --force";

describe("a run that succeeds", () => {
  it("writes its files and a manifest that tells their rows, bytes and hashes", async () => {
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

  it("does not mind that files of the last run are gone", async () => {
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

  it("stops when it is told to, between any two blocks, with the signal's reason", async () => {
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

  it("gives signals their turn while it writes", async () => {
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

  it("takes the folders that it made away again, but no others", async () => {
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

describe("a file in the way", () => {
  const NEW = { [JAN(1)]: "new", "daily_data.csv": "new" };

  it.each([JAN(1), "daily_data.csv", "manifest.json"])(
    "%s that is not ours is an error, before anything is written",
    async (name) => {
      mkdirSync(out);
      writeFileSync(join(out, name), "mine");
      const why = name === "manifest.json" ? "Electro did not write it like this" : IN_THE_WAY;
      expect(await failure(write(NEW))).toEqual(["foreign_file", `out/${name} is in the way: ${why}; ${WAYS_OUT}`]);
      expect(contents()).toEqual({ [name]: "mine" });
      await write(NEW, { force: true });
      expect(contents()).toMatchObject(NEW);
    },
  );

  it("daily_data.csv and manifest.json are looked for before any input is read", async () => {
    mkdirSync(out);
    writeFileSync(join(out, "daily_data.csv"), "mine");
    expect((await failure(openFolder(out)))[0]).toBe("foreign_file");
    expect(names()).toEqual(["daily_data.csv"]);
  });

  it("that came while the run was writing is an error too", async () => {
    const folder = await openFolder(out);
    const file: OutputFile = {
      ...{ name: "daily_data.csv", rows: 1 },
      *blocks() {
        yield Buffer.from("new");
        writeFileSync(join(out, JAN(1)), "mine");
      },
    };
    const [code] = await failure(folder.write([...files({ [JAN(1)]: "new" }), file], sampleManifest));
    folder.close();
    expect(code).toBe("foreign_file");
    expect(contents()).toEqual({ [JAN(1)]: "mine" });
  });

  it("a link is never written through; --force replaces the link itself", async () => {
    const victim = join(base, "victim.txt");
    writeFileSync(victim, "precious");
    await write({ "daily_data.csv": "old", [JAN(1)]: "old" });
    rmSync(join(out, "daily_data.csv"));
    symlinkSync(victim, join(out, "daily_data.csv"));
    expect((await failure(write(NEW)))[1]).toBe(`out/daily_data.csv is in the way: ${IN_THE_WAY}; ${WAYS_OUT}`);
    await write(NEW, { force: true });
    expect(lstatSync(join(out, "daily_data.csv")).isFile()).toBe(true);
    expect(readFileSync(victim, "utf8")).toBe("precious");
  });

  it("a link in place of a file that would be removed stays", async () => {
    await write({ [JAN(1)]: "old", "daily_data.csv": "old" });
    rmSync(join(out, JAN(1)));
    symlinkSync("nowhere", join(out, JAN(1)));
    await write({ "daily_data.csv": "new" });
    expect(names()).toEqual(["daily_data.csv", JAN(1), "manifest.json"]);
  });

  it("a folder is never replaced, not even by force", async () => {
    mkdirSync(join(out, JAN(1)), { recursive: true });
    for (const force of [false, true]) {
      const message = `out/${JAN(1)} is in the way: it is a folder; move it away`;
      expect(await failure(write(NEW, { force }))).toEqual(["is_a_folder", message]);
    }
    expect(names()).toEqual([JAN(1)]);
  });
});

describe("a manifest or a journal that lies", () => {
  const HOSTILE = ["../victim.txt", "/etc/passwd", "notes.txt", "../out/notes.txt", "manifest.json"];

  it.each(HOSTILE)("a manifest that lists %s is not ours, and none of its files are removed", async (name) => {
    mkdirSync(out);
    const victims = [join(base, "victim.txt"), join(out, "notes.txt"), join(out, JAN(1))];
    for (const victim of victims) writeFileSync(victim, "precious");
    const listed = [JAN(1), name].map((listing) => ({ name: listing, rows: 0, bytes: 0, sha256: "" }));
    writeFileSync(join(out, "manifest.json"), manifestText(sampleManifest(listed)));
    expect((await failure(write({ "daily_data.csv": "new" })))[0]).toBe("foreign_file");
    await write({ "daily_data.csv": "new" }, { force: true });
    for (const victim of victims) expect(readFileSync(victim, "utf8")).toBe("precious");
  });

  const NO_NAMES = { format: 1, write: [], replace: [], remove: [] };
  it.each([
    ...HOSTILE.map((name) => JSON.stringify({ ...NO_NAMES, write: [name], remove: [name] })),
    ...HOSTILE.map((name) => JSON.stringify({ ...NO_NAMES, remove: [name] })),
    "",
    "null",
    "{}",
    JSON.stringify({ ...NO_NAMES, format: 2 }),
    JSON.stringify({ ...NO_NAMES, remove: {} }),
  ])("the journal %s is an error that names it, and nothing is done", async (text) => {
    await write({ "daily_data.csv": "old" });
    writeFileSync(join(base, "victim.txt"), "precious");
    writeFileSync(join(out, "notes.txt"), "precious");
    writeFileSync(join(out, ".electro-journal.json"), text);
    const message =
      "out/.electro-journal.json should be the journal of a run that was stopped, but Electro did not write it like this: " +
      "move it away, or have it removed with --force";
    expect(await failure(write({ "daily_data.csv": "new" }))).toEqual(["bad_journal", message]);
    expect(contents()["daily_data.csv"]).toBe("old");
    await write({ "daily_data.csv": "new" }, { force: true });
    expect(contents()["daily_data.csv"]).toBe("new");
    expect(names()).toEqual(["daily_data.csv", "manifest.json", "notes.txt"]);
    expect(readFileSync(join(base, "victim.txt"), "utf8")).toBe("precious");
  });

  it("a journal does not replace a file that was not there when it was written", async () => {
    await write({ "daily_data.csv": "old" });
    const before = contents();
    const waiting = [JAN(1), "daily_data.csv", "manifest.json"].map((name) => join(out, `.electro-${name}.tmp`));
    for (const path of waiting) writeFileSync(path, "new");
    const journal = { format: 1, write: [JAN(1), "daily_data.csv"], replace: ["daily_data.csv"], remove: [] };
    writeFileSync(join(out, ".electro-journal.json"), JSON.stringify(journal));
    writeFileSync(join(out, JAN(1)), "mine");
    expect((await failure(openFolder(out)))[1]).toBe(`out/${JAN(1)} is in the way: ${IN_THE_WAY}; ${WAYS_OUT}`);
    expect(contents()).toMatchObject({ ...before, [JAN(1)]: "mine" });
    rmSync(join(out, JAN(1)));
    await failure(openFolder(out)); // The manifest that waited was no manifest; all else is in place.
    expect(contents()).toMatchObject({ [JAN(1)]: "new", "daily_data.csv": "new", "manifest.json": "new" });
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
    const message = `another run is writing to out (process ${process.pid}); wait until it has finished, or choose another folder with --output`;
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
      process.stdin.resume();
      while (Date.now() < Number(process.argv[2])) {}
      try {
        const folder = await openFolder(process.argv[1]);
        process.stdin.on("end", () => folder.close());
        console.log("mine");
      } catch (error) {
        console.log(error.code);
      }`;
    mkdirSync(out);
    const start = String(Date.now() + 1500);
    const runs = Array.from({ length: 4 }, () => {
      const child = spawn(process.execPath, ["--input-type=module", "-e", code, out, start]);
      return { child, said: once(child.stdout, "data").then(String), ended: once(child, "exit") };
    });
    // Whoever has it keeps it until all have tried.
    const said = await Promise.all(runs.map((run) => run.said));
    for (const { child } of runs) child.stdin.end();
    await Promise.all(runs.map((run) => run.ended));
    expect(said.sort()).toEqual(["folder_in_use\n", "folder_in_use\n", "folder_in_use\n", "mine\n"]);
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
        `--output; if it was killed, wait two minutes, or remove ${name}`,
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
      "another run has taken out over while this one was writing; start it again",
    ]);
    folder.close();
    expect(contents()).toMatchObject(before);
  });
});

describe("a place that cannot be written to", () => {
  it.each([
    [
      "file.txt",
      "not_a_folder",
      "cannot write to file.txt: it is a file, not a folder; choose another output folder, or move that file away",
    ],
    [
      "file.txt/out",
      "not_a_folder",
      "cannot write file.txt/out: a part of the path is a file, not a folder; choose another place, or move that file away",
    ],
    ["dangling", "broken_link", "cannot write to dangling: it is a symbolic link that leads nowhere; remove it"],
    ["circle", "broken_link", "cannot write circle: its symbolic links lead in a circle; choose another place"],
    [
      "n".repeat(300),
      "name_too_long",
      `cannot write ${"n".repeat(300)}: the name is too long for the file system; choose a shorter one`,
    ],
  ])("%s", async (name, code, message) => {
    writeFileSync(join(base, "file.txt"), "mine");
    symlinkSync("nowhere", join(base, "dangling"));
    symlinkSync("circle", join(base, "circle"));
    expect(await failure(openFolder(join(base, name)))).toEqual([code, message]);
    expect(names(base)).toEqual(["circle", "dangling", "file.txt"]);
  });

  it("leaves no folder behind that was made on the way there", async () => {
    expect((await failure(openFolder(join(base, "a/b", "n".repeat(300)))))[0]).toBe("name_too_long");
    expect(names(base)).toEqual([]);
  });

  it("is called as the user called it", async () => {
    mkdirSync(out);
    writeFileSync(join(out, "daily_data.csv"), "mine");
    const [, message] = await failure(openFolder(out, { shown: "output_data" }));
    expect(message).toBe(`output_data/daily_data.csv is in the way: ${IN_THE_WAY}; ${WAYS_OUT}`);
  });

  it("without permission", async ({ skip }) => {
    const root = process.getuid?.() === 0;
    if (root && spawnSync("setpriv", ["--version"]).error)
      skip("root may write anywhere, and there is no setpriv here");
    mkdirSync(out);
    chmodSync(base, 0o755);
    chmodSync(out, 0o555);
    const code = `
      const { openFolder } = await import(${JSON.stringify(new URL("../../dist/output/folder.js", import.meta.url).href)});
      try { await openFolder(process.argv[1]); } catch (error) { console.log(error.code + ": " + error.message); }`;
    const command = [process.execPath, "--input-type=module", "-e", code, out];
    const unprivileged = root ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", ...command] : command;
    const { stdout, stderr } = spawnSync(unprivileged[0], unprivileged.slice(1), { encoding: "utf8" });
    if (root && stderr.includes("EACCES") && stdout === "")
      skip("an unprivileged process cannot read the package here");
    expect(stdout.replaceAll(`${base}/`, "")).toBe(
      "no_permission: cannot write out: no permission to write there; choose another place, or change its permissions\n",
    );
  });
});
