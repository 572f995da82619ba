import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { deflateSync, gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { resolveInputs } from "../../dist/input/resolve.js";
import { openStream, type StreamOptions } from "../../dist/input/stream.js";
import { until } from "../wait.mjs";
import { collect, failure, noise, readings } from "./support.js";
import { CHECKED } from "./zstd-samples.js";

const TEXT = readings();
const PACKED = gzipSync(TEXT);

/** What the server answers; each test sets it. */
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let server: Server;
let base: string;

beforeAll(async () => {
  server = createServer((request, response) => answer(request, response));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});

async function get(address: string, options: StreamOptions = {}): Promise<Buffer> {
  const { inputs } = await resolveInputs([address], { cwd: "/", exclude: [] });
  return collect(openStream(inputs[0]!, options));
}
const failed = (address: string, options: StreamOptions = {}) => failure(get(address, options));

describe("a response", () => {
  it("is read, and decompressed if its content is compressed", async () => {
    for (const body of [TEXT, PACKED, CHECKED, Buffer.alloc(0)]) {
      answer = (_, response) => response.writeHead(200, { "content-length": body.length }).end(body);
      expect((await get(`${base}/readings`)).equals(body.length > 0 ? TEXT : body)).toBe(true);
      answer = (_, response) => response.writeHead(200).end(body);
      expect((await get(`${base}/chunked`)).equals(body.length > 0 ? TEXT : body)).toBe(true);
    }
  });

  it("with a content encoding is decoded, and then decompressed too", async () => {
    const raw: Buffer[] = [];
    for (const [encoding, body] of [
      ["gzip", PACKED],
      ["x-gzip", gzipSync(PACKED)],
      ["zstd", CHECKED],
      ["identity", TEXT],
    ] as const) {
      answer = (_, response) => response.writeHead(200, { "content-encoding": encoding }).end(body);
      raw.length = 0;
      const onRaw = (bytes: Uint8Array) => void raw.push(Buffer.from(bytes));
      expect((await get(base, { onRaw })).equals(TEXT)).toBe(true);
      expect(Buffer.concat(raw).equals(encoding === "x-gzip" ? PACKED : TEXT), encoding).toBe(true);
    }
    answer = (_, response) => response.writeHead(200, { "content-encoding": "deflate" }).end(deflateSync(TEXT));
    const encoded = await failed(base);
    answer = (_, response) => response.writeHead(200, { "content-encoding": "gzip" }).end("{}");
    expect(await failed(base)).toBe(
      `RunError input_damaged: ${base}/: the gzip stream is damaged (incorrect header check); copy or fetch it again`,
    );
    expect(encoded).toBe(
      `RunError http_encoding: ${base}/: the server sent it encoded as deflate, which was not requested`,
    );
  });

  it("that is cut off is an error, however it was sent", async () => {
    const long = noise(200_000);
    const severed = `RunError input_cut_off: ${base}/: the connection was closed before everything had arrived; run again`;
    for (const headers of [{ "content-length": long.length }, {}]) {
      answer = (_, response) => {
        response.writeHead(200, headers);
        response.write(long.subarray(0, 100_000), () => response.destroy());
      };
      expect(await failed(base)).toBe(severed);
    }
    const early = `RunError input_cut_off: ${base}/: the gzip stream ends early: the file is cut off; copy or fetch it again`;
    for (const headers of [{ "content-encoding": "gzip" }, {}]) {
      const half = PACKED.subarray(0, PACKED.length / 2);
      answer = (_, response) => response.writeHead(200, { ...headers, "content-length": half.length }).end(half);
      expect(await failed(base)).toBe(early);
    }
  });

  it("whose length cannot be known is refused", async () => {
    const raw = createTcpServer((socket) => {
      socket.once("data", () => socket.end("HTTP/1.0 200 OK\r\n\r\n{}"));
    });
    await new Promise<void>((listening) => raw.listen(0, "127.0.0.1", listening));
    const address = `http://127.0.0.1:${(raw.address() as AddressInfo).port}/`;
    expect(await failed(address)).toBe(
      `RunError http_no_length: ${address}: the server does not give the length of its response, so a truncated one would go unnoticed; download it to a file and name that`,
    );
    raw.close();
  });

  it("other than 200 is an error with its status", async () => {
    for (const [status, words] of [
      [404, "404 Not Found"],
      [500, "500 Internal Server Error"],
      [206, "206 Partial Content"],
      [204, "204 No Content"],
    ] as const) {
      answer = (_, response) => response.writeHead(status).end();
      expect(await failed(`${base.replace("//", "//user:secret@")}/x?day=1&key=k`)).toBe(
        `RunError http_status: ${base}/x?day=1&key=***: the server answered ${words}`,
      );
    }
  });
});

describe("credentials", () => {
  it("of the address are sent, also after a redirect to the same server, never to another", async () => {
    const seen: string[] = [];
    const other = createServer((request, response) => {
      seen.push(`other ${request.headers.authorization}`);
      response.end(TEXT);
    });
    await new Promise<void>((listening) => other.listen(0, "127.0.0.1", listening));
    const elsewhere = `http://127.0.0.1:${(other.address() as AddressInfo).port}/`;
    answer = (request, response) => {
      seen.push(`${request.url} ${request.headers.authorization}`);
      const location = { "/1": "/2", "/2": `${base}/3`, "/3": elsewhere }[request.url!]!;
      response.writeHead(302, { location }).end();
    };
    expect((await get(`${base.replace("//", "//us%40er:pa%3Ass@")}/1`)).equals(TEXT)).toBe(true);
    const basic = `Basic ${Buffer.from("us@er:pa:ss").toString("base64")}`;
    expect(seen).toEqual([`/1 ${basic}`, `/2 ${basic}`, `/3 ${basic}`, "other undefined"]);
    other.close();
    other.closeAllConnections();
  });
});

describe("redirects", () => {
  it("are followed, up to a limit", async () => {
    answer = (request, response) => {
      const left = Number(request.url!.slice(1));
      if (left === 0) response.end(TEXT);
      else response.writeHead([301, 302, 303, 307, 308][left % 5]!, { location: `/${left - 1}` }).end("moved");
    };
    expect((await get(`${base}/10`)).equals(TEXT)).toBe(true);
    expect(await failed(`${base}/11`)).toBe(
      `RunError http_redirects: ${base}/11: the server redirects more than 10 times`,
    );
  });

  it("to an invalid address are refused, and failures after one say where it led", async () => {
    answer = (request, response) => response.writeHead(302, { location: request.url!.slice(1) }).end();
    expect(await failed(`${base}/ftp://x/y`)).toBe(
      `RunError http_redirects: ${base}/ftp://x/y: the server redirects to ftp://, which is not followed from http://`,
    );
    expect(await failed(`${base}/http://`)).toMatch(/: the server redirects to an invalid address$/);
    expect(await failed(`${base}/http://127.0.0.1:1/z`)).toMatch(
      /^RunError http_failed: .*\/z \(redirected to http:\/\/127\.0\.0\.1:1\/z\): the connection was refused \(is a server running there\?\)$/,
    );
    answer = (_, response) => response.writeHead(302).end();
    expect(await failed(base)).toMatch(/the server answered 302 Found$/);
  });
});

describe("a server that cannot be reached", () => {
  it("is named with the reason", async () => {
    expect(await failed("http://user:secret@127.0.0.1:1/a")).toBe(
      "RunError http_failed: http://127.0.0.1:1/a: the connection was refused (is a server running there?)",
    );
    expect(await failed("http://no-such-host.invalid/")).toMatch(
      /^RunError http_failed: http:\/\/no-such-host\.invalid\/: (there is no such host|the host name could not be looked up \(is the network up\?\))$/,
    );
  });

  it("that speaks something else, or hangs up, is an error", async () => {
    async function against(connection: (socket: Socket) => void): Promise<string | undefined> {
      const raw = createTcpServer(connection);
      await new Promise<void>((listening) => raw.listen(0, "127.0.0.1", listening));
      const outcome = await failed(`http://127.0.0.1:${(raw.address() as AddressInfo).port}/`);
      raw.close();
      return outcome;
    }
    expect(await against((socket) => socket.destroy())).toMatch(
      /^RunError http_failed: .*: the server closed the connection$/,
    );
    expect(await against((socket) => socket.end("SSH-2.0-x\r\n"))).toMatch(/^RunError http_failed: http:.*HPE_/);
    const https = await failed(`${base.replace("http", "https")}/`);
    expect(https).toMatch(/^RunError http_failed: https:/);
  });
});

describe("waiting", () => {
  afterEach(() => void vi.useRealTimers());

  it("times out: for the response, and for each further byte", async () => {
    answer = () => {};
    const stalled = `RunError http_stalled: ${base}/: nothing arrived for 0.1 seconds; gave up`;
    expect(await failed(base, { stallTimeout: 100 })).toBe(stalled);
    answer = (_, response) => void response.writeHead(200).write("{");
    expect(await failed(base, { stallTimeout: 100 })).toBe(stalled);
  });

  it("does not include the time that the reader takes, or time out while bytes arrive", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const long = noise(3_000_000);
    answer = (_, response) => void response.end(long);
    const { inputs } = await resolveInputs([base], { cwd: "/", exclude: [] });
    let length = 0;
    for await (const block of openStream(inputs[0]!, { stallTimeout: 60_000 })) {
      vi.advanceTimersByTime(200_000);
      length += block.length;
    }
    expect(length).toBe(long.length);

    const begun = new Promise<ServerResponse>((resolve) => {
      answer = (_, response) => resolve(response);
    });
    let read = 0;
    const onRaw = (bytes: Uint8Array) => {
      read += bytes.length;
    };
    const reading = get(base, { stallTimeout: 60_000, onRaw });
    const response = await begun;
    for (let sent = 1; sent <= 8; sent++) {
      vi.advanceTimersByTime(50_000);
      response.write("x");
      await until(`byte ${sent} is read`, () => read === sent);
    }
    response.end();
    expect((await reading).toString()).toBe("xxxxxxxx");
  });

  it("ends with the signal, and the server sees the connection close", async () => {
    const reason = new Error("stop");
    for (const sent of [0, TEXT.length]) {
      let asked = false;
      const closed = new Promise<void>((resolve) => {
        answer = (_, response) => {
          response.on("close", resolve);
          if (sent > 0) response.writeHead(200).write(TEXT);
          asked = true;
        };
      });
      const abort = new AbortController();
      let read = 0;
      const onRaw = (bytes: Uint8Array) => {
        read += bytes.length;
      };
      const reading = expect(get(base, { signal: abort.signal, onRaw })).rejects.toBe(reason);
      await until("the server has answered so far", () => asked && read === sent);
      abort.abort(reason);
      await reading;
      await closed;
    }
  });

  it("ends when the reader goes away", async () => {
    const closed = new Promise<void>((resolve) => {
      answer = (_, response) => {
        response.on("close", resolve);
        response.writeHead(200).write(TEXT);
      };
    });
    const { inputs } = await resolveInputs([base], { cwd: "/", exclude: [] });
    for await (const _ of openStream(inputs[0]!)) break;
    await closed;
  });
});
