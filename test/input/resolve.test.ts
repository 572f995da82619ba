import { linkSync, mkdirSync, readFileSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { type Resolved, resolveInputs } from "../../dist/input/resolve.js";
import { child, failure, mkfifo, workFolder } from "./support.js";
import { stored } from "./zstd-samples.js";

const work = workFolder();

function resolved(
  args: readonly string[],
  context: { in?: string; exclude?: string[]; stdin?: PassThrough } = {},
): Promise<Resolved> {
  const { exclude = [], stdin } = context;
  return resolveInputs(args, {
    cwd: work.at(context.in ?? ""),
    exclude: exclude.map(work.at),
    ...(stdin && { stdin }),
  });
}
const names = async (...args: Parameters<typeof resolved>) =>
  (await resolved(...args)).inputs.map((input) => input.name);
const warnings = async (...args: Parameters<typeof resolved>) => (await resolved(...args)).warnings;
const refused = (...args: Parameters<typeof resolved>) => failure(resolved(...args));

const LOOKED = "looked for .json, .jsonl, .ndjson, .csv, .xml, also with .gz or .zst, .parquet and .zip";

describe("a file", () => {
  it("is described, with its compression detected by its content", async () => {
    work.put("file/a.json", "[]\n");
    work.put("file/plainly-named", gzipSync("[]"));
    work.put("file/b.gz", stored(Buffer.from("{}")));
    work.put("file/c.gz", "{}");
    work.put("file/empty.json.gz", "");
    utimesSync(work.at("file/a.json"), 1700000000, 1700000000.5);
    const { inputs, warnings } = await resolved(
      ["a.json", "./plainly-named", work.at("file/b.gz"), "../file/c.gz", "empty.json.gz"],
      {
        in: "file",
      },
    );
    expect(warnings).toEqual([]);
    expect(inputs[0]).toEqual({
      kind: "file",
      name: "a.json",
      path: work.at("file/a.json"),
      size: 3,
      modified: "2023-11-14T22:13:20.500Z",
      compression: "none",
      state: expect.any(String),
    });
    expect(inputs.map((input) => [input.name, input.compression])).toEqual([
      ["a.json", "none"],
      ["./plainly-named", "gzip"],
      [work.at("file/b.gz"), "zstd"],
      ["../file/c.gz", "none"],
      ["empty.json.gz", "none"],
    ]);
  });

  it("is found by its name even if that looks like a pattern", async () => {
    work.put("odd/a[1].json");
    work.put("odd/a1.json");
    work.put("odd/b*.json");
    expect(await names(["a[1].json", "b*.json"], { in: "odd" })).toEqual(["a[1].json", "b*.json"]);
  });

  it("that is not there gets a hint to one that is", async () => {
    work.put("near/readings.json");
    work.put("near/meter.csv.gz");
    const missing = (name: string) => refused([name], { in: "near" });
    expect(await missing("raedings.json")).toBe(
      "RunError input_missing: raedings.json: there is no such file or folder; did you mean readings.json?",
    );
    expect(await missing("READINGS.JSON")).toMatch(/did you mean readings\.json\?$/);
    expect(await missing("meter.csv")).toMatch(
      /: meter\.csv: there is no such file or folder; did you mean meter\.csv\.gz\?$/,
    );
    expect(await missing("./readings.ndjson")).toMatch(/did you mean \.\/readings\.json\?$/);
    expect(await missing("elsewhere")).toBe("RunError input_missing: elsewhere: there is no such file or folder");
    expect(await refused(["neer/readings.json"])).toBe(
      "RunError input_missing: neer/readings.json: there is no such file: there is no folder neer; did you mean near/readings.json?",
    );
    expect(await refused(["near/readings.json/x"])).toBe(
      "RunError input_unreadable: near/readings.json/x: it cannot be read: a part of its path is a file, not a folder",
    );
  });

  it("reached by a link that leads nowhere, or in a circle, is an error", async () => {
    mkdirSync(work.at("links"));
    symlinkSync("gone", work.at("links/nowhere.json"));
    symlinkSync("circle.json", work.at("links/circle.json"));
    expect(await refused(["links/nowhere.json"])).toBe(
      "RunError input_missing: links/nowhere.json: it is a link to something that is not there",
    );
    expect(await refused(["links"])).toMatch(/^RunError input_(missing|unreadable): links\/\w+\.json: /);
    expect(await refused(["links/circle.json"])).toBe(
      "RunError input_unreadable: links/circle.json: it cannot be read: its symbolic links form a loop",
    );
    expect(await refused(["links/*where.json"])).toMatch(/^RunError input_missing: links\/nowhere\.json/);
  });

  it("that is a device, a socket or a virtual file of size 0 is refused with another way", async () => {
    expect(await refused(["/dev/null"])).toBe("RunError input_not_file: /dev/null: it is a device, not a file");
    const server = createServer();
    await new Promise<void>((listening) => server.listen(work.at("x.sock"), listening));
    expect(await refused(["x.sock"])).toMatch(/^RunError input_not_file: x\.sock: it is a socket, not a file/);
    await new Promise((closed) => server.close(closed));
    expect(await refused(["/proc/version"])).toBe(
      "RunError input_without_size: /proc/version: its size is reported as 0, but it is not empty (a virtual file)",
    );
  });

  it.runIf(process.platform === "linux")("or a folder without permission is an error, wherever it is met", async () => {
    work.put("locked/secret.json");
    work.put("locked/in/open.json");
    const script = `
      import { chmodSync } from "node:fs";
      import { resolveInputs } from "DIST/input/resolve.js";
      const [cwd] = process.argv.slice(1);
      chmodSync(cwd, 0o755);
      chmodSync(cwd + "/locked/secret.json", 0);
      // Root may read everything, so it becomes somebody else.
      if (process.getuid() === 0) process.setuid(65534);
      async function tried(name) {
        try { return (await resolveInputs([name], { cwd, exclude: [] })).inputs.length; }
        catch (error) { return error.name + " " + error.code + ": " + error.message; }
      }
      const results = [await tried("locked/secret.json"), await tried("locked"), await tried("locked/*.json")];
      process.stdout.write(JSON.stringify(results));
    `;
    const secret = "RunError input_unreadable: locked/secret.json: it cannot be read: permission denied";
    expect(JSON.parse(await child(script, { args: [work.path] }).output)).toEqual([secret, secret, secret]);

    const folders = script
      .replace('"/locked/secret.json"', '"/locked/in"')
      .replace('"locked/*.json"', '"locked/**/*.json"');
    const folder = "RunError input_unreadable: locked/in: it cannot be read: permission denied";
    unlinkSync(work.at("locked/secret.json"));
    work.put("locked/top.json");
    const [, ...scans] = JSON.parse(await child(folders, { args: [work.path] }).output);
    expect(scans).toEqual([folder, folder]);
  });

  it("with an impossible name is wrong usage", async () => {
    expect(await refused([""])).toBe("UsageError bad_input_name: the name of an input is empty or contains a NUL");
    expect(await refused(["a\0b"])).toBe("UsageError bad_input_name: the name of an input is empty or contains a NUL");
  });
});

describe("a folder", () => {
  it("is its datasets and its folders' datasets, by endings in any case, in the order of their paths' bytes", async () => {
    for (const name of [
      "b.json",
      "a.jsonl",
      "a/z.csv",
      "a/b/c.ndjson.gz",
      "B.CSV.ZST",
      "é.json",
      "z.json.zst",
      "😀.json",
      "ﬀ.json",
    ]) {
      work.put(`folder/${name}`);
    }
    for (const name of ["README.md", "x.json.bak", "json", "a/notes.txt", "y.gz"]) work.put(`folder/${name}`);
    const below = [
      "B.CSV.ZST",
      "a.jsonl",
      "a/b/c.ndjson.gz",
      "a/z.csv",
      "b.json",
      "z.json.zst",
      "é.json",
      "ﬀ.json",
      "😀.json",
    ];
    expect(await names(["folder"])).toEqual(below.map((name) => `folder/${name}`));
    expect(await names(["folder/"])).toEqual(below.map((name) => `folder/${name}`));
    expect(await names(["."], { in: "folder" })).toEqual(below.map((name) => `./${name}`));
    expect(await names(["../folder/a"], { in: "folder" })).toEqual(["../folder/a/b/c.ndjson.gz", "../folder/a/z.csv"]);
    expect(await names([work.at("folder/a")])).toEqual([work.at("folder/a/b/c.ndjson.gz"), work.at("folder/a/z.csv")]);
  });

  it("skips names that begin with a dot, and says how many datasets", async () => {
    work.put("dots/a.json");
    work.put("dots/._a.json");
    work.put("dots/.DS_Store");
    work.put("dots/.git/x.json");
    expect(await names(["dots"])).toEqual(["dots/a.json"]);
    expect(await warnings(["dots"])).toEqual([{ code: "hidden_files", message: "dots: skipped 1 hidden file" }]);
    expect(await names(["dots/._a.json"])).toEqual(["dots/._a.json"]);
  });

  it("counts files by their endings whose names do not say that they hold readings, but no stores and what is hidden", async () => {
    const others = [
      "a.txt",
      "in/b.TXT",
      "c.bz2",
      "d",
      "electro.duckdb",
      "electro.duckdb.wal",
      "x.duckdb.mark",
      ".e.txt",
    ];
    for (const name of ["a.json", ...others]) work.put(`others/${name}`);
    const skipped = (name: string) => ({
      code: "skipped_files",
      message: `${name}: skipped 4 files whose names do not say that they hold readings: 2 .txt, 1 without an ending, 1 .bz2; to read one, name it`,
    });
    expect(await warnings(["others"])).toEqual([skipped("others")]);
    expect(await warnings(["oth*"])).toEqual([skipped("oth*")]);
    expect(await warnings(["others/**"])).toEqual([skipped("others/**")]);
    expect(await warnings(["others/*.json"])).toEqual([]);
    work.put("single-other/a.json");
    work.put("single-other/a.dat");
    expect((await warnings(["single-other"]))[0]?.message).toBe(
      "single-other: skipped 1 file whose name does not say that it holds readings: 1 .dat; to read it, name it",
    );
    for (let n = 0; n < 12; n++) work.put(`single-other/a.e${n}`);
    expect((await warnings(["single-other"]))[0]?.message).toMatch(
      /13 files .*, 1 \.e4, 5 others; to read one, name it$/,
    );
  });

  it.runIf(process.platform === "linux")("tells of names that are not UTF-8 as of what cannot be read", async () => {
    for (const bytes of ["x/\xe9.json", "x/\xff/in.json"]) {
      const path = Buffer.from(work.at(bytes), "latin1");
      mkdirSync(path.subarray(0, path.lastIndexOf("/")), { recursive: true });
      writeFileSync(path, "[]");
    }
    work.put("x/good.json");
    const why = "it cannot be read: its name is not UTF-8; rename it";
    expect(await refused(["x"])).toBe(`RunError input_unreadable: x/\ufffd: ${why}`);
    expect(await refused(["x/*.json"])).toBe(`RunError input_unreadable: x/\ufffd.json: ${why}`);
    expect(await refused(["x/\ufffd.json"])).toBe(`RunError input_unreadable: x/\ufffd.json: ${why}`);
    work.put("x/real-\ufffd.json");
    const failures: string[] = [];
    const { inputs } = await resolveInputs(["x"], {
      cwd: work.path,
      exclude: [],
      onFailure: (name, error) => failures.push(`${name} ${error.code}`),
    });
    expect(inputs.map(({ name }) => name)).toEqual(["x/good.json", "x/real-\ufffd.json"]);
    expect(failures).toEqual(["x/\ufffd input_unreadable", "x/\ufffd.json input_unreadable"]);
  });

  it("without datasets is an error that says what was looked for", async () => {
    mkdirSync(work.at("bare/inner"), { recursive: true });
    expect(await refused(["bare"])).toBe(
      `RunError no_files: bare: there are no files to read in this folder: ${LOOKED}`,
    );
    work.put("bare/inner/readings.txt");
    expect(await refused(["bare"])).toBe(
      `RunError no_files: bare: there are no files to read in this folder: ${LOOKED}; to read a file with another extension, such as inner/readings.txt, name the file`,
    );
  });

  it("is followed through links, and circles end", async () => {
    work.put("ring/a.json");
    work.put("ring/in/b.json");
    work.put("outside/c.json");
    work.put("single.json", "[1]");
    symlinkSync("..", work.at("ring/in/up"));
    symlinkSync(".", work.at("ring/self"));
    symlinkSync("../outside", work.at("ring/0-out"));
    symlinkSync("../single.json", work.at("ring/d.json"));
    symlinkSync("in", work.at("ring/0-in"));
    expect(await resolved(["ring"])).toMatchObject({
      inputs: [
        { name: "ring/0-out/c.json" },
        { name: "ring/a.json" },
        { name: "ring/d.json" },
        { name: "ring/in/b.json" },
      ],
      warnings: [],
    });
  });
});

describe("a pattern", () => {
  it("is expanded as a shell would, in the order of the paths' bytes", async () => {
    for (const name of [
      "2024-02.json",
      "2024-01.json",
      "2023-12.json",
      "notes.txt",
      "sub/2024-03.json",
      ".2024.json",
      "sub/.x/1.json",
    ]) {
      work.put(`glob/${name}`);
    }
    expect(await names(["glob/2024-*.json"])).toEqual(["glob/2024-01.json", "glob/2024-02.json"]);
    expect(await names(["2024-0?.json"], { in: "glob" })).toEqual(["2024-01.json", "2024-02.json"]);
    expect(await names(["./2024-0[2-9].json"], { in: "glob" })).toEqual(["./2024-02.json"]);
    expect(await names([`${work.path}/glob/{2023,2024}-1*.json`])).toEqual([work.at("glob/2023-12.json")]);
    expect(await names(["glob/**/2024-*.json"])).toEqual([
      "glob/2024-01.json",
      "glob/2024-02.json",
      "glob/sub/2024-03.json",
    ]);
    expect(await names(["glob/*.txt"])).toEqual(["glob/notes.txt"]);
    expect(await names(["glob/*/.x/*.json"])).toEqual(["glob/sub/.x/1.json"]);
    expect(await names(["glob/{sub/2024-03,2023-12}.json"])).toEqual(["glob/2023-12.json", "glob/sub/2024-03.json"]);
    expect(await names(["*/2024-03.json"], { in: "glob" })).toEqual(["sub/2024-03.json"]);
  });

  it("takes names with line ends in them", async () => {
    for (const name of ["\n.json", "a\nb.json", "in\ner/c.json"]) work.put(`lines/${name}`);
    const all = ["lines/\n.json", "lines/a\nb.json", "lines/in\ner/c.json"];
    expect(await names(["lines/**"])).toEqual(all);
    expect(await names(["lines/*"])).toEqual(all);
    expect(await names(["lines/*.json"])).toEqual(all.slice(0, 2));
    expect(await names(["lines/a?b.json"])).toEqual(all.slice(1, 2));
    expect(await names(["lines/*/*.json"])).toEqual(all.slice(2));
  });

  it("that matches any name selects only datasets, and complete folders", async () => {
    const all = ["glob/2023-12.json", "glob/2024-01.json", "glob/2024-02.json", "glob/sub/2024-03.json"];
    expect(await names(["glob/*"])).toEqual(all);
    expect(await names(["glob/**"])).toEqual(all);
    expect(await names(["gl*"])).toEqual(all);
  });

  it("also reaches the folder that one is in, from beside or above it", async () => {
    work.put("beside/one/data/a.csv");
    work.put("beside/two/data/b.csv");
    expect(await names(["../*/data/*.csv"], { in: "beside/one" })).toEqual(["../one/data/a.csv", "../two/data/b.csv"]);
    expect(await names([`${work.path}/beside/*/data/*.csv`], { in: "beside/one" })).toHaveLength(2);
  });

  it("does not go where nothing can match", async () => {
    work.put("wide/2024/a.json");
    mkdirSync(work.at("wide/2023/deep"), { recursive: true });
    symlinkSync("wide", work.at("wide-link"));
    expect(await names(["wide*/2024/*.json"])).toEqual(["wide/2024/a.json"]);
  });

  it("that matches nothing is an error", async () => {
    expect(await refused(["glob/*.jsonn"])).toBe("RunError no_files: glob/*.jsonn: no file matches");
    expect(await refused(["glub/*.json"])).toBe(
      "RunError no_files: glub/*.json: no file matches: there is no folder glub",
    );
    work.put("texts/a.txt");
    expect(await refused(["texts/*"])).toBe(`RunError no_files: texts/*: no file matches: ${LOOKED}`);
  });
});

describe("the same input twice", () => {
  it("is read once, with a warning that names both", async () => {
    work.put("twice/a.json", "[1]");
    work.put("twice/other.json", "[1]");
    symlinkSync("a.json", work.at("twice/link.json"));
    linkSync(work.at("twice/a.json"), work.at("twice/hard.json"));
    const { inputs, warnings } = await resolved([
      "twice/a.json",
      "twice/a.json",
      "./twice/../twice/a.json",
      "twice",
      "https://h/x",
      "https://h/x#y",
    ]);
    expect(inputs.map((input) => input.name)).toEqual(["twice/a.json", "twice/other.json", "https://h/x"]);
    expect(warnings.map(({ code, message }) => `${code} ${message}`)).toEqual([
      "input_twice twice/a.json: it is named twice; it is read once",
      "input_twice ./twice/../twice/a.json: it is the same as twice/a.json; it is read once",
      "input_twice twice/a.json: it is named twice; it is read once",
      "input_twice twice/hard.json: it is the same as twice/a.json; it is read once",
      "input_twice twice/link.json: it is the same as twice/a.json; it is read once",
      "input_twice https://h/x: it is named twice; it is read once",
    ]);
  });

  it("is suspected of a file and a compressed file of the same name", async () => {
    work.put("same/a.json", "[1]");
    work.put("same/a.json.gz", "[2]");
    work.put("same/b.csv.zst", "[3]");
    work.put("same/b.csv.gz", "[4]");
    work.put("same/in/a.json", "[5]");
    expect(await warnings(["same/a.json", "same/in/a.json"])).toEqual([]);
    expect(await warnings(["same/a.json", "same/a.json.gz"])).toEqual([
      {
        code: "same_name_twice",
        message:
          "same/a.json and same/a.json.gz are both read; if they hold the same readings, these count twice: name only one of them",
      },
    ]);
    expect((await warnings(["same"]))[0]?.message).toMatch(
      /^same\/a.json and same\/a.json.gz .*, and so are 1 more pair of files;/,
    );
  });

  it("is recognised for pipes too, which are not opened", async () => {
    mkfifo(work.at("twice.fifo"));
    const { inputs, warnings } = await resolved(["twice.fifo", "./twice.fifo"]);
    expect(inputs).toEqual([{ kind: "stream", name: "twice.fifo", from: { pipe: work.at("twice.fifo") } }]);
    expect(warnings).toHaveLength(1);
  });

  it("is wrong usage for standard input, and so is naming it if there is none", async () => {
    const stdin = new PassThrough();
    expect(await resolved(["-"], { stdin })).toEqual({
      inputs: [{ kind: "stream", name: "standard input", from: { stdin } }],
      warnings: [],
    });
    expect(await names(["/dev/stdin"], { stdin })).toEqual(["standard input"]);
    const twice = "UsageError stdin_twice: standard input (-) can be read only once; name it once";
    expect(await refused(["-", "-"], { stdin })).toBe(twice);
    expect(await refused(["-", "/dev/stdin"], { stdin })).toBe(twice);
    expect(await refused(["-"])).toBe("UsageError no_stdin: there is no standard input here to read (-)");
  });
});

describe("an output of the run", () => {
  it("is skipped in folders and patterns", async () => {
    work.put("year/in.json");
    work.put("year/out/daily_data.csv");
    work.put("year/out/more/x.csv");
    work.put("year/outer.json");
    work.put("year/rejected.ndjson");
    linkSync(work.at("year/rejected.ndjson"), work.at("year/hard.ndjson"));
    symlinkSync("out", work.at("year/link"));
    symlinkSync("out/daily_data.csv", work.at("year/link.csv"));
    const context = { exclude: ["year/out", "year/rejected.ndjson", "year/not/there/yet"] };
    const left = ["year/in.json", "year/outer.json"];
    expect(await names(["year"], context)).toEqual(left);
    expect(await names(["year/*"], context)).toEqual(left);
    expect(await names(["year/**"], context)).toEqual(left);
    expect(await names(["year/**/*.{json,csv,ndjson}"], context)).toEqual(left);
    expect(await warnings(["year"], context)).toEqual([]);
  });

  it("cannot be named as an input, by whatever name", async () => {
    const context = { exclude: ["year/out", "year/rejected.ndjson"] };
    for (const name of [
      "year/out",
      "year/out/",
      "year/out/more",
      "year/out/daily_data.csv",
      "year/link",
      "year/link.csv",
      "year/rejected.ndjson",
      "year/hard.ndjson",
      "year/out/*.csv",
      "year/link/*.csv",
    ]) {
      expect(await refused([name], context)).toBe(
        `UsageError input_is_output: ${name}: this input is, or is inside, an output of the run; write to another place (output: "DIR") or name other inputs`,
      );
    }
    expect(await refused(["."], { exclude: [""] })).toMatch(/^UsageError input_is_output: \.: /);
    symlinkSync("year", work.at("year-link"));
    expect(await refused(["year/out"], { exclude: ["year-link/out"] })).toMatch(/^UsageError input_is_output/);
  });
});

describe("an address", () => {
  it("is shown without its secrets", async () => {
    const shown = async (address: string) => (await names([address]))[0];
    expect(await shown("http://user:pass@example.org:8080/a.json?day=1#x")).toBe(
      "http://example.org:8080/a.json?day=1",
    );
    expect(await shown("HTTPS://Example.org")).toBe("https://example.org/");
    const presigned = await shown(
      "https://b.example.org/a.json?X-Amz-Credential=AK&X-Amz-Signature=abc&part=2&sig=s%2F&token=t",
    );
    expect(presigned).toBe(
      "https://b.example.org/a.json?X-Amz-Credential=***&X-Amz-Signature=***&part=2&sig=***&token=***",
    );
    expect((await resolved(["http://u:p@h/a"])).inputs[0]).toEqual({
      kind: "stream",
      name: "http://h/a",
      from: { address: "http://u:p@h/a" },
    });
  });

  it("of another kind, or without a host, is wrong usage", async () => {
    expect(await refused(["s3://bucket/readings.json"])).toBe(
      "UsageError unknown_address: s3:// addresses are not supported, only http:// and https://",
    );
    expect(await refused(["http://"])).toBe(
      "UsageError bad_address: the http:// address is not valid: it needs a host, as in http://host/readings.json",
    );
  });
});

it("many files are resolved", async () => {
  for (let i = 0; i < 2000; i++) work.put(`many/${i % 20}/${i}.json`, `[${i}]`);
  expect(await names(["many"])).toHaveLength(2000);
  expect(readFileSync(join(work.path, "many/0/0.json"), "utf8")).toBe("[0]");
});
