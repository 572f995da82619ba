// slow: not of the fast lane
/** What a sender gets for a batch, again and again; what became of its bad records; and why a batch was refused. */
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { type Running, reading, send, withService } from "./support.js";

const ONE = reading("2024-01-31T13:05:00Z", 0.1, "a");
const post = (service: Running, body: string | Uint8Array, query = "", headers: Record<string, string> = {}) =>
  send(service, "POST", `/v1/readings${query}`, { body, headers });

describe("a body in which there is nothing", () => {
  const EMPTY: [name: string, body: string | Uint8Array, headers?: Record<string, string>][] = [
    ["nothing", ""],
    ["nothing, as CSV", "", { "content-type": "text/csv" }],
    ["nothing that is said to be packed", "", { "content-encoding": "gzip" }],
    ["nothing, packed", gzipSync(""), { "content-encoding": "gzip" }],
    ["nothing, packed twice over", Buffer.concat([gzipSync(""), gzipSync("")])],
    ["blanks", " \r\n\t\n"],
    ["more blanks than fit one piece", "\n".repeat(700_000)],
    ["a byte-order mark", "\ufeff"],
    ["a byte-order mark and blanks, packed", gzipSync("\ufeff \n")],
  ];

  test.each(EMPTY)("is refused, and uses no key up: %s", (_, body, headers = {}) =>
    withService({}, async (service) => {
      const key = { ...headers, "idempotency-key": "k" };
      for (const query of ["", "?on_error=skip"]) {
        const answer = await post(service, body, query, key);
        expect([answer.status, answer.json.code]).toEqual([422, "empty_body"]);
      }
      const sum = await send(service, "POST", "/v1/aggregate?resolution=day", { body, headers });
      expect([sum.status, sum.json.code]).toEqual([422, "empty_body"]);
      expect((await post(service, ONE, "", { "idempotency-key": "k" })).status).toBe(201);
    }),
  );

  test.each([
    ["application/json", "[]"],
    ["application/json", '{"readings":[]}'],
    ["text/csv", "timestamp,kWh_value\n"],
  ])("is another thing than a batch without readings: %s %s", (type, body) =>
    withService({}, async (service) => {
      const answer = await post(service, body, "", { "content-type": type });
      expect([answer.status, answer.json.readings]).toEqual([201, 0]);
      expect(answer.json.warnings).toMatchObject([{ code: "no_readings" }]);
    }),
  );
});

/** Two good records; three bad ones, of which one has no UTF-8, and one is cut off. */
const BYTES = Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]);
const MIXED = Buffer.concat([
  Buffer.from(`${ONE}{"timestamp":"2024-02-30T00:00:00Z","kWh_value":1,"ü":"é"}\n`),
  BYTES,
  Buffer.from(`\n${ONE}{"time":1,\n`),
]);

describe("a dry run", () => {
  test("has the receipt as it would be, stores nothing and uses no key up", () =>
    withService({}, async (service) => {
      const key = { "idempotency-key": "k" };
      const tried = await post(service, MIXED, "?on_error=skip&dry_run=true", key);
      expect([tried.status, tried.headers.get("location"), tried.json.batch_id]).toEqual([200, null, null]);
      expect((await send(service, "GET", "/v1/batches")).json.batches).toEqual([]);
      const real = await post(service, MIXED, "?on_error=skip", key);
      expect(real.status).toBe(201);
      expect(tried.json).toEqual({ ...real.json, batch_id: null });
      const again = await post(service, MIXED, "?on_error=skip&dry_run=true", key);
      expect([again.status, again.headers.get("idempotency-replayed"), again.json]).toEqual([201, "true", real.json]);
      const bad = await post(service, MIXED, "?dry_run=true");
      expect([bad.status, bad.json.code]).toEqual([422, "bad_records"]);
    }));
});

describe("a strict request", () => {
  const HOURS = Array.from({ length: 24 }, (_, n) =>
    reading(`2024-01-31T${String(n).padStart(2, "0")}:00:00Z`, 1 + (n % 3), "a"),
  );
  const DAY = HOURS.join("");

  test("with warnings is refused, whether its body has them or the store", () =>
    withService({}, async (service) => {
      const ends = `${DAY}${reading("2024-02-01T00:00:00Z", 1, "a")}`;
      const own = await post(service, ends, "?strict=true");
      expect([own.status, own.json.code]).toEqual([422, "strict"]);
      expect(own.json.warnings).toMatchObject([{ code: "end_stamps" }]);
      expect(own.json.detail).toMatch(
        /^strict=true: 1 warning, so nothing was stored: body: the last timestamp is exactly/,
      );
      const sum = await send(service, "POST", "/v1/aggregate?resolution=day&strict=true", { body: ends });
      expect([sum.status, sum.json.code, sum.json.warnings.length]).toEqual([422, "strict", 1]);
      expect(sum.json.detail).toMatch(/so nothing was summed/);
      expect((await post(service, DAY, "?strict=true")).status).toBe(201);
      const twice = await post(service, DAY, "?strict=true");
      expect([twice.status, twice.json.warnings]).toMatchObject([422, [{ code: "duplicates" }]]);
      const told = await post(service, DAY);
      expect([told.status, told.json.warnings]).toMatchObject([201, [{ code: "duplicates" }]]);
      const batch = await send(service, "GET", `/v1/batches/${told.json.batch_id}`);
      expect(batch.json.warnings).toEqual(told.json.warnings);
    }));
});

describe("bad records that are set aside", () => {
  test("are told in the receipt, and kept word for word until the batch ends", () =>
    withService({}, async (service) => {
      const { status, json } = await post(service, MIXED, "?on_error=skip");
      expect([status, json.readings, json.rejected, json.rejects_kept]).toEqual([201, 2, 3, 3]);
      expect(Object.values(json.rejected_by_reason as Record<string, number>).reduce((a, b) => a + b)).toBe(3);
      expect(json.rejects.map(({ record, line }: { record: number; line: number }) => [record, line])).toEqual([
        [2, 2],
        [3, 3],
        [5, 5],
      ]);
      expect(json.rejects[0].message).toContain("record 2 (line 2): timestamp");
      const path = `/v1/batches/${json.batch_id}/rejects`;
      const { text, headers } = await send(service, "GET", path);
      expect(headers.get("content-type")).toBe("application/x-ndjson; charset=utf-8");
      const lines = text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line));
      expect(lines.map(({ record, byte, reason }) => ({ record, byte, reason }))).toEqual(
        json.rejects.map(({ record, code }: { record: number; code: string }) => {
          // Independently: where the n-th line of the body begins.
          let byte = 0;
          for (let n = 1; n < record; n++) byte = MIXED.indexOf("\n", byte) + 1;
          return { record, byte, reason: code };
        }),
      );
      expect(lines[0].text).toBe('{"timestamp":"2024-02-30T00:00:00Z","kWh_value":1,"ü":"é"}');
      expect(Buffer.from(lines[1].base64, "base64")).toEqual(BYTES);
      expect(lines[2].text).toBe('{"time":1,');

      await send(service, "DELETE", `/v1/batches/${json.batch_id}`);
      const gone = await send(service, "GET", path);
      expect([gone.status, gone.json.code]).toEqual([410, "rejects_gone"]);
      expect(await service.store.read((reader) => reader.rejects(json.batch_id))).toEqual([]);
    }));

  test("of a batch that is replaced go, and those of the one in its place are there", () =>
    withService({}, async (service) => {
      const first = await post(service, MIXED, "?on_error=skip");
      const second = await post(service, `${ONE}{}\n`, `?on_error=skip&replaces=${first.json.batch_id}`);
      const rejects = (id: string) => send(service, "GET", `/v1/batches/${id}/rejects`);
      expect((await rejects(first.json.batch_id)).status).toBe(410);
      expect((await rejects(second.json.batch_id)).text).toContain('"text":"{}"');
      const clean = await post(service, ONE);
      expect(await rejects(clean.json.batch_id)).toMatchObject({ status: 200, text: "" });
      expect(await rejects("9-0123456789")).toMatchObject({ status: 404 });
    }));

  test("are kept up to a number, and the receipt says how many", () =>
    withService({}, async (service) => {
      const { json } = await post(service, ONE + '{"x":1}\n'.repeat(10_001), "?on_error=skip");
      expect([json.rejected, json.rejects_kept, json.rejects.length]).toEqual([10_001, 10_000, 20]);
      const { text } = await send(service, "GET", `/v1/batches/${json.batch_id}/rejects`);
      const records = text.trimEnd().split("\n");
      expect([records.length, JSON.parse(records.at(-1)!).record]).toEqual([10_000, 10_001]);
    }));

  test("are kept up to a size, without a gap", () =>
    withService({}, async (service) => {
      const long = `{"x":"${"y".repeat(1_500_000)}"}\n`;
      const { json } = await post(service, long.repeat(3) + '{"x":1}\n'.repeat(3), "?on_error=skip");
      expect([json.rejected, json.rejects_kept]).toEqual([6, 2]);
      const { text } = await send(service, "GET", `/v1/batches/${json.batch_id}/rejects`);
      expect(text.split("\n").slice(0, 2)).toHaveLength(2);
      expect(JSON.parse(text.split("\n")[1]!).text).toBe(long.trimEnd());
    }));
});

describe("a receipt", () => {
  /** Berlin's clocks: wall times of the hour that is there twice, one that is not there, and one with an offset. */
  const WALLS = ["2024-10-27T02:30:00", "2024-03-31T02:30:00", "2024-06-01T12:00:00Z"]
    .map((at) => reading(at, 1))
    .join("");

  test("warns of what load warns of", () =>
    withService({}, async (service) => {
      const berlin = await post(service, WALLS, "?input_timezone=Europe/Berlin");
      expect(berlin.json).toMatchObject({ repeated_wall_times: 1, skipped_wall_times: 1 });
      const codes = (json: { warnings: { code: string }[] }) => json.warnings.map(({ code }) => code).sort();
      expect(codes(berlin.json)).toEqual(["repeated_wall_times", "skipped_wall_times"]);
      const unsaid = await post(service, WALLS);
      expect(unsaid.json.warnings).toEqual([
        { code: "no_offset", message: expect.stringMatching(/^body: 2 timestamps .* with input_timezone$/) },
      ]);
      const register = Array.from({ length: 200 }, (_, n) =>
        reading(new Date(Date.UTC(2024, 0, 1) + n * 900_000).toISOString(), 4000 + n * 0.3, "m"),
      ).join("");
      expect(codes((await post(service, register)).json)).toEqual(["register"]);
      expect(codes((await post(service, gzipSync(register))).json)).toEqual(["duplicates", "register"]);
      const rounded = await post(service, reading("2024-01-31T13:05:00Z", `0.1${"0".repeat(18)}1`));
      expect(rounded.json).toMatchObject({ rounded: 1, warnings: [] });
    }));

  test("counts what is no reading, and each of several values", () =>
    withService({}, async (service) => {
      const body =
        '{"timestamp":"2024-01-31T13:05:00Z","a":1,"b":2,"meter_id":"m"}\n{"timestamp":"2024-01-31T13:05:00Z","a":null,"b":"-"}';
      const { json } = await post(service, body, "?value_field=a&value_field=b&missing=&missing=-");
      expect(json).toMatchObject({ readings: 2, left_out: { missing: 2 }, sources: 2, total_kWh: "3" });
      expect((await send(service, "GET", `/v1/batches/${json.batch_id}`)).json).toMatchObject({
        left_out: { missing: 2 },
      });
      const sources = (await send(service, "GET", "/v1/sources")).json.sources as { source_id: string }[];
      expect(sources.map((source) => source.source_id)).toEqual(["m/a", "m/b"]);
    }));

  test("is the same when its batch is sent again, and in the ledger", () =>
    withService({}, async (service) => {
      const send1 = () => post(service, MIXED, "?on_error=skip", { "idempotency-key": "k" });
      const first = await send1();
      const again = await send1();
      expect([again.text, again.headers.get("idempotency-replayed")]).toEqual([first.text, "true"]);
      const { rejects: _, ...rest } = first.json;
      expect((await send(service, "GET", `/v1/batches/${first.json.batch_id}`)).json).toMatchObject(rest);
    }));

  test("says that its batch has ended since, when and by what", () =>
    withService({}, async (service) => {
      const sent = (key: string, query = "") => post(service, ONE, query, { "idempotency-key": key });
      const [a, b] = [(await sent("a")).json, (await sent("b")).json];
      expect([a.state, a.ended, a.replaced_by]).toEqual(["counts", null, null]);
      const retracted = await send(service, "DELETE", `/v1/batches/${a.batch_id}`);
      const c = (await sent("c", `?replaces=${b.batch_id}`)).json;
      expect((await sent("a")).json).toEqual({ ...a, state: "retracted", ended: retracted.json.ended });
      const { ended } = (await send(service, "GET", `/v1/batches/${b.batch_id}`)).json;
      expect((await sent("b")).json).toEqual({ ...b, state: "replaced", ended, replaced_by: c.batch_id });
    }));
});

test("the log says in one line why a batch was refused, and nothing of the body", () =>
  withService({}, async (service) => {
    const secret = "hunter2";
    const bad = `${ONE}{"timestamp":"${secret}","kWh_value":1}\n{"timestamp":"2024-01-31T13:05:00Z","kWh_value":"${secret}"}\n`;
    await post(service, bad);
    await post(service, "");
    await post(service, `[{"${secret}":`);
    await post(service, `${secret},b\n1,2\n`, "", { "content-type": "text/csv" });
    await post(service, ONE, "", { "idempotency-key": "key-7" });
    await post(service, reading("2024-01-31T13:05:00Z", 1, secret), "", { "idempotency-key": "key-7" });
    await post(service, ONE, `?unit=${secret}`);
    await post(service, ONE, `?${secret}=1`);
    await post(service, ONE, "", { "content-type": `text/${secret}` });
    const lines = service.log.flatMap(({ code, message, fields }) =>
      code === "request" && fields?.["status"] !== 201 ? message : [],
    );
    expect(lines.map((line) => line.replace(/ [\d.]+ ms/, ""))).toEqual([
      "POST /v1/readings 422 bad_records: 1 bad_timestamp, 1 bad_value; the first is record 2 (line 2), bad_timestamp",
      expect.stringMatching(/^POST \/v1\/readings 422 empty_body: the body is empty/),
      expect.stringMatching(/^POST \/v1\/readings 422 bad_body: \w+$/),
      expect.stringMatching(/^POST \/v1\/readings 422 bad_body: \w+$/),
      expect.stringMatching(/^POST \/v1\/readings 422 key_reused: the key "key-7" stands for other content/),
      "POST /v1/readings 400 bad_parameter: unit",
      "POST /v1/readings 400 unknown_parameter",
      "POST /v1/readings 415 unsupported_type",
    ]);
    expect(JSON.stringify(service.log)).not.toContain(secret);
  }));
