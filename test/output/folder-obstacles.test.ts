/** What stands in the way of a run: files of others, manifests and journals that lie, places that cannot be written to. */
import { spawnSync } from "node:child_process";
import { chmodSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type OutputFile, openFolder } from "../../dist/output/folder.js";
import { manifestText } from "../../dist/output/manifest.js";
import { base, contents, failure, files, IN_THE_WAY, JAN, names, out, WAYS_OUT, write } from "./folder-support.js";
import { sampleManifest } from "./sample.js";

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

  it.each(["weekly_data.csv", "manifest.json"])("%s is looked for before any input is read", async (name) => {
    mkdirSync(out);
    writeFileSync(join(out, name), "mine");
    expect((await failure(openFolder(out, { known: ["daily_data.csv", "weekly_data.csv"] })))[0]).toBe("foreign_file");
    expect(names()).toEqual([name]);
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
      "move it away, or have it removed with force: true";
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
    ["circle", "broken_link", "cannot write circle: its symbolic links form a loop; choose another place"],
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
    const [, message] = await failure(openFolder(out, { displayName: "output_data", known: ["daily_data.csv"] }));
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
