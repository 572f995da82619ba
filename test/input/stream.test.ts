import { createHash } from "node:crypto";
import {
  appendFileSync,
  closeSync,
  constants,
  createReadStream,
  openSync,
  readSync,
  renameSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { PassThrough, Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { openFile } from "../../dist/input/file.js";
import { hashFile, sha256 } from "../../dist/input/hash.js";
import type { FileInput, Input } from "../../dist/input/input.js";
import { resolveInputs } from "../../dist/input/resolve.js";
import { openStream } from "../../dist/input/stream.js";
import { until } from "../wait.mjs";
import { child, collect, failure, mkfifo, noise, readings, workFolder } from "./support.js";
import { CHECKED } from "./zstd-samples.js";

const work = workFolder();
const TEXT = readings();

async function input(name: string, stdin?: Readable): Promise<Input> {
  const { inputs } = await resolveInputs([name], { cwd: work.path, exclude: [], ...(stdin && { stdin }) });
  return inputs[0]!;
}
const file = async (name: string) => (await input(name)) as FileInput;
const read = async (name: string, stdin?: Readable) => collect(openStream(await input(name, stdin)));

describe("a file", () => {
  it("is read completely and decompressed, whatever its name", async () => {
    work.put("plain.gz", TEXT);
    work.put("packed.json", gzipSync(TEXT));
    work.put("packed.csv", CHECKED);
    work.put("empty.json");
    truncateSync(work.at("empty.json"));
    work.put("large.json", noise(3_000_001));
    for (const name of ["plain.gz", "packed.json", "packed.csv"])
      expect((await read(name)).equals(TEXT), name).toBe(true);
    expect((await read("empty.json")).length).toBe(0);
    expect((await read("large.json")).equals(noise(3_000_001))).toBe(true);
  });

  it("can be read at any position through its descriptor", async () => {
    work.put("plain.json", TEXT);
    const opened = openFile(await file("plain.json"));
    expect(opened.size).toBe(TEXT.length);
    const bytes = Buffer.alloc(10);
    readSync(opened.fd, bytes, 0, 10, 100);
    expect(bytes.equals(TEXT.subarray(100, 110))).toBe(true);
    opened.verify();
    opened.close();
    expect(() => readSync(opened.fd, bytes, 0, 10, 0)).toThrow();
  });

  const CHANGED =
    "RunError input_changed: moving.json: it changed while it was read; run again when nothing writes to it";

  it("that changes after it was resolved is an error, before anything is read", async () => {
    const changes = [
      () => truncateSync(work.at("moving.json"), 10),
      () => appendFileSync(work.at("moving.json"), "x"),
      () => utimesSync(work.at("moving.json"), 1, 1),
      () => {
        writeFileSync(work.at("other.json"), TEXT);
        renameSync(work.at("other.json"), work.at("moving.json"));
      },
    ];
    for (const change of changes) {
      work.put("moving.json", TEXT);
      const moving = await file("moving.json");
      change();
      expect(await failure(collect(openStream(moving)))).toBe(CHANGED);
      expect(() => openFile(moving)).toThrow("it changed while it was read");
    }
    const gone = await file("moving.json");
    unlinkSync(work.at("moving.json"));
    expect(await failure(collect(openStream(gone)))).toBe(
      "RunError input_unreadable: moving.json: it cannot be read: there is no such file",
    );
  });

  it("that shrinks, grows or is written to while it is read is an error", async () => {
    for (const change of [
      () => truncateSync(work.at("moving.json"), 300_000),
      () => appendFileSync(work.at("moving.json"), "x"),
      () => writeFileSync(work.at("moving.json"), noise(2_000_000)),
    ]) {
      work.put("moving.json", noise(2_000_000));
      utimesSync(work.at("moving.json"), 1, 1);
      const moving = await file("moving.json");
      const opened = openFile(moving);
      opened.verify();
      async function all(): Promise<number> {
        let length = 0;
        for await (const block of openStream(moving)) {
          if (length === 0) change();
          length += block.length;
        }
        return length;
      }
      expect(await failure(all())).toBe(CHANGED);
      expect(() => opened.verify()).toThrow("it changed while it was read");
      opened.close();
    }
  });

  it("that is cut off is named", async () => {
    work.put("readings.json.gz", gzipSync(TEXT).subarray(0, 200));
    expect(await failure(read("readings.json.gz"))).toBe(
      "RunError input_cut_off: readings.json.gz: the gzip stream ends early: the file is cut off; copy or fetch it again",
    );
  });

  it("is closed whatever happens", async () => {
    const descriptors = await open("/proc/self/fd").then(
      async (handle) => {
        await handle.close();
        return true;
      },
      () => false,
    );
    if (!descriptors) return;
    const { readdirSync } = await import("node:fs");
    work.put("close.json.gz", gzipSync(noise(500_000)));
    work.put("close-cut.json.gz", gzipSync(noise(500_000)).subarray(0, 400_000));
    const before = readdirSync("/proc/self/fd").length;
    for (let i = 0; i < 20; i++) {
      await read("close.json.gz");
      await failure(read("close-cut.json.gz"));
      for await (const _ of openStream(await input("close.json.gz"))) break;
      const abort = new AbortController();
      const stream = openStream(await input("close.json.gz"), { signal: abort.signal });
      await stream.next();
      abort.abort();
      await failure(stream.next());
    }
    expect(readdirSync("/proc/self/fd").length).toBeLessThan(before + 5);
  });
});

describe("standard input", () => {
  it("is read from the stream that stands for it", async () => {
    const stdin = new PassThrough();
    const reading = read("-", stdin);
    const packed = gzipSync(TEXT);
    for (const byte of packed) stdin.write(Buffer.of(byte));
    stdin.end();
    expect((await reading).equals(TEXT)).toBe(true);
  });

  it("is read in blocks of bounded size, however much the stream yields at once", async () => {
    const sizes: number[] = [];
    for await (const block of openStream(await input("-", Readable.from([noise(5_000_000)])))) sizes.push(block.length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1024 * 1024);
    expect(sizes.reduce((a, b) => a + b)).toBe(5_000_000);
  });

  it("that was read before, yields text, or breaks is an error", async () => {
    const once = Readable.from([TEXT]);
    await read("-", once);
    const again =
      "RunError input_read_before: standard input: it has already been read or closed, and can be read only once";
    expect(await failure(read("-", once))).toBe(again);
    work.put("text.json", TEXT);
    expect(await failure(read("-", createReadStream(work.at("text.json"), "utf8")))).toBe(
      "RunError input_not_bytes: standard input: the stream must yield bytes; do not set an encoding on it",
    );
    expect(await failure(read("-", createReadStream(work.path)))).toBe(
      "RunError input_unreadable: standard input: it cannot be read: it is a folder",
    );
  });

  it("works as a pipe, a file and by its other names", async () => {
    const script = `
      import { resolveInputs } from "DIST/input/resolve.js";
      import { openStream } from "DIST/input/stream.js";
      const { inputs } = await resolveInputs([process.argv[1]], { cwd: "/", exclude: [], stdin: process.stdin });
      let length = 0;
      for await (const block of openStream(inputs[0])) length += block.length;
      process.stdout.write(inputs[0].name + " " + length);
    `;
    for (const name of ["-", "/dev/stdin"]) {
      const run = child(script, { args: [name], stdin: "pipe" });
      run.stdin!.end(gzipSync(noise(1_000_000)));
      expect(await run.output).toBe("standard input 1000000");
    }
  });
});

describe("a named pipe", () => {
  /** Opens a pipe for writing, which is possible once it is read. */
  async function openForWriting(name: string): Promise<number> {
    let fd: number | undefined;
    await until("the pipe is open for reading", () => {
      try {
        fd = openSync(work.at(name), constants.O_WRONLY | constants.O_NONBLOCK);
      } catch (error) {
        expect((error as { code: string }).code).toBe("ENXIO");
      }
      return fd !== undefined;
    });
    return fd!;
  }

  it("is waited for, and read until its writer is done", async () => {
    mkfifo(work.at("pipe"));
    const packed = gzipSync(noise(1_000_000));
    let read = 0;
    const onRaw = (bytes: Uint8Array) => {
      read += bytes.length;
    };
    const reading = collect(openStream(await input("pipe"), { onRaw }));
    const fd = await openForWriting("pipe");
    for (const end of [1, 2, 500, 4096, packed.length]) {
      for (let at = read; at < end; at += 4096) {
        writeSync(fd, packed, at, Math.min(4096, end - at));
        await until("what is written is read", () => read === Math.min(at + 4096, end));
      }
    }
    closeSync(fd);
    expect((await reading).equals(noise(1_000_000))).toBe(true);
  });

  it("without a writer can be closed, and does not keep the process running", async () => {
    mkfifo(work.at("silent"));
    const abort = new AbortController();
    const reading = collect(openStream(await input("silent"), { signal: abort.signal }));
    const reason = new Error("enough");
    const ending = expect(reading).rejects.toBe(reason);
    // It is open, and no byte comes.
    const fd = await openForWriting("silent");
    abort.abort(reason);
    await ending;
    closeSync(fd);

    const script = `
      import { resolveInputs } from "DIST/input/resolve.js";
      import { openStream } from "DIST/input/stream.js";
      const { inputs } = await resolveInputs(["silent"], { cwd: process.argv[1], exclude: [] });
      void openStream(inputs[0]).next();
      // The turn in which it is opened is over then.
      setImmediate(() => { process.stdout.write("left"); process.exit(0); });
    `;
    expect(await child(script, { args: [work.path] }).output).toBe("left");
  });
});

describe("the signal", () => {
  it("ends reading with its reason, at the start and in the middle, for every kind of input", async () => {
    work.put("long.json", readings(60_000));
    work.put("long.json.gz", gzipSync(readings(60_000)));
    const reason = new Error("stop");
    const endless = () =>
      new Readable({
        read() {
          this.push(TEXT);
        },
      });
    for (const [name, stdin] of [
      ["long.json"],
      ["long.json.gz"],
      ["-", endless()],
      ["-", new PassThrough()],
    ] as const) {
      await expect(collect(openStream(await input(name, stdin), { signal: AbortSignal.abort(reason) }))).rejects.toBe(
        reason,
      );
      const abort = new AbortController();
      const stream = openStream(await input(name, stdin), { signal: abort.signal });
      if (stdin instanceof PassThrough) setImmediate(() => abort.abort(reason));
      async function all(): Promise<void> {
        for await (const _ of stream) abort.abort(reason);
      }
      await expect(all()).rejects.toBe(reason);
    }
  });
});

describe("hashes", () => {
  const hashOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

  it("are those of the bytes as stored, on the fly and in a pass of their own", async () => {
    const packed = gzipSync(readings(20_000));
    for (const bytes of [packed, CHECKED, TEXT, Buffer.alloc(0)]) {
      work.put("hash.json", bytes);
      expect(await hashFile(await file("hash.json"))).toBe(hashOf(bytes));
      for (const stdin of [undefined, Readable.from(bytes.length > 0 ? [bytes] : [])]) {
        const hash = sha256();
        let raw = 0;
        const onRaw = (part: Uint8Array) => {
          hash.update(part);
          raw += part.length;
        };
        await collect(openStream(await input(stdin ? "-" : "hash.json", stdin), { onRaw }));
        expect(hash.digest()).toBe(hashOf(bytes));
        expect(raw).toBe(bytes.length);
      }
    }
  });
});
