/** Folders that go away, streams to try, and what a run of a child process says. */
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll } from "vitest";

/** A folder for one test file, removed after it. */
export function workFolder(): {
  path: string;
  at(name: string): string;
  put(name: string, content?: string | Uint8Array): string;
} {
  const path = mkdtempSync(join(tmpdir(), "electro-input-"));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  const at = (name: string) => join(path, name);
  return {
    path,
    at,
    put(name, content = "{}") {
      mkdirSync(dirname(at(name)), { recursive: true });
      writeFileSync(at(name), content);
      return at(name);
    },
  };
}

/** Readings as a text of 4 KB that packs well; deterministic. */
export function readings(count = 60): Buffer {
  let text = "";
  for (let i = 0; i < count; i++) {
    const day = String(1 + (i % 28)).padStart(2, "0");
    const hour = String(i % 24).padStart(2, "0");
    text += `{"timestamp":"2024-01-${day}T${hour}:15:00Z","kWh_value":${((i * 37) % 100) / 8},"meter_id":"m-${i % 7}"}\n`;
  }
  return Buffer.from(text);
}

/** Bytes that do not pack. */
export function noise(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = 12345;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

export async function* pieces(...parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield part;
}

export async function collect(blocks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const block of blocks) all.push(block);
  return Buffer.concat(all);
}

/** What a promise fails with, as `Class code: message`; `undefined` if it does not fail. */
export async function failure(promise: Promise<unknown>): Promise<string | undefined> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    const { name, code, message } = error as Error & { code?: string };
    return `${name} ${code}: ${message}`;
  }
}

/** Runs a module's text in a Node of its own. The built rooms are at `DIST`. */
export function child(
  source: string,
  options: { flags?: readonly string[]; args?: readonly string[]; stdin?: "ignore" | "pipe" } = {},
): { output: Promise<string>; stdin: NodeJS.WritableStream | null; kill(): void } {
  const dist = new URL("../../dist", import.meta.url).href;
  const text = source.replaceAll("DIST", dist);
  const flags = options.flags ?? [];
  const spawned = spawn(process.execPath, [...flags, "--input-type=module", "-e", text, ...(options.args ?? [])], {
    stdio: [options.stdin ?? "ignore", "pipe", "inherit"],
    timeout: 100_000,
  });
  let output = "";
  spawned.stdout!.on("data", (bytes: Buffer) => {
    output += bytes.toString();
  });
  return {
    output: new Promise((resolve, reject) => {
      spawned.once("error", reject);
      spawned.once("close", (code, signal) => {
        if (code === 0) resolve(output);
        else reject(new Error(`the child ended with ${code ?? signal}: ${output}`));
      });
    }),
    stdin: spawned.stdin,
    kill: () => void spawned.kill("SIGKILL"),
  };
}

export function mkfifo(path: string): void {
  execFileSync("sh", ["-c", 'mkfifo "$1"', "sh", path]);
}
