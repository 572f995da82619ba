// slow: not of the fast lane
/** `POST /v1/readings` over a real socket and a real store. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { request } from "node:http";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { reading, send, withService } from "../support.js";

const ONE = reading("2024-01-31T13:05:00Z", 0.1, "a");
const TWO = reading("2024-01-31T13:20:30Z", "0.2", "b");

describe("a batch", () => {
  test("is answered with what it came to, and counts", () =>
    withService({}, async (service) => {
      const answer = await send(service, "POST", "/v1/readings", { body: ONE + TWO });
      expect(answer.status).toBe(201);
      expect(answer.json).toEqual({
        batch_id: expect.any(String),
        state: "counts",
        ended: null,
        replaced_by: null,
        readings: 2,
        rejected: 0,
        rejected_by_reason: {},
        rejects_kept: 0,
        rejects: [],
        rounded: 0,
        left_out: {},
        quality_flags: {},
        read_as: [],
        repeated_wall_times: 0,
        skipped_wall_times: 0,
        warnings: [],
        sources: 2,
        first: "2024-01-31T13:05:00Z",
        last: "2024-01-31T13:20:30Z",
        total_kWh: "0.3",
      });
      expect(answer.headers.get("location")).toBe(`/v1/batches/${answer.json.batch_id}`);
      const daily = await send(service, "GET", "/v1/daily", { headers: { accept: "text/csv" } });
      expect(daily.text).toBe("daily_timestamp,aggregated_kWh_value\n2024-01-31,0.3\n");
      const batch = await send(service, "GET", answer.headers.get("location")!);
      const { rejects: _, ...told } = answer.json;
      expect(batch.json).toMatchObject({ ...told, replaces: null, sender: null });
    }));

  test("may be any dataset, by its content", () =>
    withService({}, async (service) => {
      const record = ONE.trim();
      const bodies: [string, string][] = [
        ["application/json", record],
        ["application/json", `[${record},${TWO}]`],
        ["application/json; charset=utf-8", `{"data":[${record}]}`],
        ["text/csv", "timestamp;kWh_value;meter_id\n2024-01-31T13:05:00Z;0.1;a\n"],
        ["text/csv; charset=UTF-8; header=present", "timestamp,kWh_value\n2024-01-31T13:05:00Z,0.1\n"],
        ["application/x-ndjson", "[]"],
        ["application/ndjson", ONE],
        ["application/jsonl", `${ONE}${TWO}`],
        ["text/plain;charset=UTF-8", `[${record}]`],
        ["TEXT/PLAIN", "timestamp,kWh_value\n2024-01-31T13:05:00Z,0.1\n"],
      ];
      const readings: number[] = [];
      for (const [type, body] of bodies) {
        const answer = await send(service, "POST", "/v1/readings", { body, headers: { "content-type": type } });
        expect(answer.status).toBe(201);
        readings.push(answer.json.readings);
      }
      expect(readings).toEqual([1, 2, 1, 1, 1, 0, 1, 2, 1, 1]);
    }));

  test("of records in objects counts for the sources that these name, packed or large, too", () =>
    withService({}, async (service) => {
      const record = reading("2024-01-31T13:05:00Z", 1).trim();
      const day = (n: number) => record.replace("31T", `${10 + (n % 20)}T`);
      const many = Array.from({ length: 40_000 }, (_, n) => day(n));
      const bodies: [string, string | Uint8Array, number][] = [
        ["", `{"meter_id":"A","readings":[${record},${TWO}]}`, 2],
        ["", gzipSync(`{"readings":[${record}],"meter_id":"A"}\n{"readings":[${record}],"meter_id":"B"}`), 2],
        ["?records=/m/*/r", `{"m":[{"r":[${record}],"meter_id":"A"},{"r":[${record}]}],"source_id":"out"}`, 2],
        ["", `{"readings":[${many}],"meter_id":"large"}`, 40_000],
      ];
      for (const [query, body, readings] of bodies) {
        const headers = typeof body === "string" ? {} : { "content-encoding": "gzip" };
        const answer = await send(service, "POST", `/v1/readings${query}`, { body, headers });
        expect([answer.status, answer.json.readings]).toEqual([201, readings]);
      }
      const { json } = await send(service, "GET", "/v1/sources");
      const kWh = json.sources.map((one: { source_id: string; total_kWh: string }) => [one.source_id, one.total_kWh]);
      expect(kWh).toEqual([
        ["A", "3"],
        ["B", "1"],
        ["b", "0.2"],
        ["large", "40000"],
        ["out", "1"],
      ]);
    }));

  test("whose records are not where they are looked for says which parameter names the place", () =>
    withService({}, async (service) => {
      const body = `{"errors":[],"data":{"readings":[${ONE.trim()}]}}`;
      for (const path of ["/v1/readings", "/v1/aggregate?resolution=day"]) {
        const answer = await send(service, "POST", path, { body, headers: { "content-type": "application/json" } });
        expect([answer.status, answer.json.code, answer.json.reason]).toEqual([422, "bad_body", "array_elsewhere"]);
        expect(answer.json.detail).toContain("records in /data/readings; say which with records=/data/readings");
      }
      expect((await send(service, "POST", "/v1/readings?records=/data/readings", { body })).json.readings).toBe(1);
    }));

  test("may be packed, small or large, and come in chunks", () =>
    withService({}, async (service) => {
      const large = ONE.repeat(20_000);
      const gzip = { "content-encoding": "gzip" };
      const answers = [
        await send(service, "POST", "/v1/readings", { body: gzipSync(ONE), headers: gzip }),
        await send(service, "POST", "/v1/readings", { body: gzipSync(large), headers: gzip }),
        await send(service, "POST", "/v1/readings", { body: large }),
        await send(service, "POST", "/v1/readings", { body: chunks(large, 7777) }),
        await send(service, "POST", "/v1/readings", { body: chunks(ONE, 5) }),
        // As with files, content tells.
        await send(service, "POST", "/v1/readings", { body: Buffer.concat([gzipSync(ONE), gzipSync(TWO)]) }),
      ];
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
      expect(answers.map(({ json }) => json.readings)).toEqual([1, 20_000, 20_000, 20_000, 1, 2]);
      expect(answers.map(({ json }) => json.total_kWh)).toEqual(["0.1", "2000", "2000", "2000", "0.1", "0.3"]);
    }));

  test("of wall times has the hour that clocks repeat told by the order of its rows, small, packed, large or in chunks", () =>
    withService({}, async (service) => {
      const times = ["01:30", "02:00", "02:30", "02:00", "02:30", "03:00"];
      const body = (meters: number) =>
        times
          .flatMap((time, n) =>
            Array.from({ length: meters }, (_, m) => reading(`2024-10-27T${time}:00`, 2 ** n, `m${m}`)),
          )
          .join("");
      const query = "input_timezone=Europe/Berlin";
      const large = body(5000);
      const sent = [
        [body(1), 1, {}],
        [gzipSync(body(1)), 1, { "content-encoding": "gzip" }],
        [large, 5000, {}],
        [chunks(large, 7777), 5000, {}],
      ] as const;
      let meters = 0;
      for (const [body, count, headers] of sent) {
        const { status, json } = await send(service, "POST", `/v1/readings?${query}`, { body, headers });
        expect({
          status,
          readings: json.readings,
          repeated: json.repeated_wall_times,
          warnings: json.warnings.map(({ code }: { code: string }) => code),
        }).toEqual({
          ...{ status: 201, readings: 6 * count, repeated: 4 * count },
          // The same comes in another form once more.
          warnings: body === sent[3][0] ? ["duplicates"] : [],
        });
        meters += count;
      }
      const hourly = await send(service, "GET", "/v1/hourly?timezone=Europe/Berlin");
      const energies = hourly.json.rows
        .slice(1, 5)
        .map((row: { aggregated_kWh_value: string }) => row.aggregated_kWh_value);
      expect(energies).toEqual([1, 6, 24, 32].map((energy) => String(energy * meters)));

      const own = (more: string) =>
        send(service, "POST", `/v1/aggregate?resolution=hour&timezone=Europe/Berlin${more}`, { body: body(1) });
      const rows = async (more: string) =>
        (await own(more)).json.rows
          .slice(1, 5)
          .map((row: { aggregated_kWh_value: string }) => row.aggregated_kWh_value);
      expect(await rows("")).toEqual(["1", "6", "24", "32"]);
      expect(await rows("&repeated_hour=first")).toEqual(["1", "30", "0", "32"]);
      expect(await rows("&repeated_hour=last")).toEqual(["1", "0", "30", "32"]);
      const refused = await own("&repeated_hour=fail");
      expect(refused.json).toMatchObject({ code: "bad_records", rejected_by_reason: { repeated_wall_time: 4 } });
      expect(refused.json.records[0].message).toBe(
        'body: record 2 (line 2): timestamp "2024-10-27T02:00:00": the clock shows this time twice that day (repeated_hour=fail); write it with an offset, or say repeated_hour=order, first or last',
      );
      expect((await own("&repeated_hour=second")).json).toMatchObject({
        code: "bad_parameter",
        parameter: "repeated_hour",
      });

      const two = [reading("2024-10-27T02:30:00", 1, "b"), reading("2024-10-27T02:00:00", 1, "b")].join("");
      const ambiguous = await send(service, "POST", `/v1/readings?${query}`, { body: two });
      expect(ambiguous.json.warnings).toEqual([
        {
          code: "repeated_wall_times",
          message:
            'body: 2 timestamps without an offset are repeated by a clock change, and the order of the rows does not tell which time is meant, so the earlier was taken: "b" on 2024-10-27; say otherwise with repeated_hour',
        },
      ]);
    }));

  test("is read as the parameters say", () =>
    withService({}, async (service) => {
      const query = new URLSearchParams({
        timestamp_field: "Zeit",
        value_field: "v.wert",
        source_field: "Ort",
        records: "/x/1",
        unit: "Wh",
        decimal_comma: "true",
        stamps: "end",
        input_timezone: "Europe/Berlin",
        on_error: "fail",
      });
      const body = JSON.stringify({ x: [0, [{ Zeit: "2024-07-01T00:00:00", v: { wert: "1,5" }, Ort: "dach" }]] });
      const answer = await send(service, "POST", `/v1/readings?${query}`, {
        body,
        headers: { "content-type": "application/json" },
      });
      expect(answer.json).toMatchObject({ readings: 1, first: "2024-06-30T22:00:00Z", total_kWh: "0.0015" });
      const hourly = await send(service, "GET", "/v1/hourly?timezone=Europe/Berlin&by=source");
      expect(hourly.json.rows.at(-1)).toEqual({
        hourly_timestamp: "2024-06-30T23:00:00+02:00",
        source_id: "dach",
        aggregated_kWh_value: "0.0015",
      });
    }));
});

describe("bad records", () => {
  test("that are all there is are refused without advice to skip them", () =>
    withService({}, async (service) => {
      for (const [path, undone] of [
        ["/v1/readings", "nothing was stored"],
        ["/v1/aggregate?resolution=day", "nothing was summed"],
      ])
        expect((await send(service, "POST", path!, { body: '[{"a":1}]' })).json.detail).toBe(
          `1 of 1 record is bad (1 missing_timestamp); ${undone}`,
        );
    }));

  const bad = `${ONE}{"time":"2024-01-31T13:00:00Z","kWh_value":1}\n{"timestamp":"2024-02-30T00:00:00Z","kWh_value":1}\n${TWO}`;

  test("refuse a batch, of which nothing is kept, and are listed", () =>
    withService({}, async (service) => {
      const answer = await send(service, "POST", "/v1/readings", { body: bad });
      expect(answer.status).toBe(422);
      expect(answer.headers.get("content-type")).toMatch(/^application\/problem\+json/);
      expect(answer.json).toEqual({
        type: "/docs#bad_records",
        title: expect.any(String),
        status: 422,
        code: "bad_records",
        detail:
          "2 of 4 records are bad (1 bad_timestamp, 1 missing_timestamp); nothing was stored. on_error=skip sets bad records aside and stores the rest",
        rejected: 2,
        rejected_by_reason: { missing_timestamp: 1, bad_timestamp: 1 },
        records: [
          {
            record: 2,
            line: 2,
            code: "missing_timestamp",
            message: "body: record 2 (line 2): no timestamp (found: time, kWh_value); try timestamp_field=time",
          },
          {
            record: 3,
            line: 3,
            code: "bad_timestamp",
            message: 'body: record 3 (line 3): timestamp "2024-02-30T00:00:00Z": February 2024 has 29 days',
          },
        ],
        request_id: answer.headers.get("x-request-id"),
      });
      expect((await send(service, "GET", "/v1/batches")).json.batches).toEqual([]);
    }));

  test("are set aside with on_error=skip", () =>
    withService({}, async (service) => {
      const answer = await send(service, "POST", "/v1/readings?on_error=skip", { body: bad });
      expect([answer.status, answer.json.readings, answer.json.rejected]).toEqual([201, 2, 2]);
    }));

  test("are listed up to the twentieth, however large the body", () =>
    withService({}, async (service) => {
      for (const times of [100, 20_000]) {
        const answer = await send(service, "POST", "/v1/readings", { body: '{"timestamp":1}\n'.repeat(times) });
        expect([answer.status, answer.json.rejected, answer.json.records.length]).toEqual([422, times, 20]);
      }
    }));

  test("what stops being readable refuses the batch in both modes, and says where", () =>
    withService({}, async (service) => {
      const array = `[${ONE.trim()},\n${TWO.trim()}`;
      for (const query of ["", "?on_error=skip"]) {
        const answer = await send(service, "POST", `/v1/readings${query}`, { body: array });
        expect(answer.status).toBe(422);
        expect(answer.json.detail).toMatch(
          /^body: line 2, byte \d+: the text ends inside .*: the body is cut off; send it again$/,
        );
        const gzip = gzipSync(ONE.repeat(30_000)).subarray(0, 200);
        const cut = await send(service, "POST", `/v1/readings${query}`, {
          body: gzip,
          headers: { "content-encoding": "gzip" },
        });
        expect([cut.status, cut.json.code]).toEqual([422, "bad_body"]);
        expect(cut.json.detail).toContain("gzip stream ends early");
      }
      const lies = await send(service, "POST", "/v1/readings", { body: ONE, headers: { "content-encoding": "gzip" } });
      expect([lies.status, lies.json.detail]).toEqual([422, "Content-Encoding says gzip, but the body is not gzip"]);
      expect((await send(service, "GET", "/v1/batches")).json.batches).toEqual([]);
    }));

  test("energies that add up to too much refuse it", () =>
    withService({}, async (service) => {
      const answer = await send(service, "POST", "/v1/readings", {
        body: reading("2024-01-31T13:05:00Z", "1e15").repeat(100_000),
      });
      expect([answer.status, answer.json.code]).toEqual([422, "too_much_energy"]);
    }));
});

describe("an idempotency key", () => {
  test("lets a batch count once, however often it is sent and by how many at once", () =>
    withService({}, async (service) => {
      const headers = { "idempotency-key": "meter 7, 2024-01-31" };
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => send(service, "POST", "/v1/readings", { body: ONE, headers })),
      );
      answers.push(await send(service, "POST", "/v1/readings", { body: ONE, headers }));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
      expect(answers.filter((answer) => answer.headers.get("idempotency-replayed") === null)).toHaveLength(1);
      expect((await send(service, "GET", "/v1/daily")).json.rows[0].aggregated_kWh_value).toBe("0.1");
    }));

  test("stands for one body and one meaning", () =>
    withService({}, async (service) => {
      const headers = { "idempotency-key": "k" };
      const first = await send(service, "POST", "/v1/readings", { body: ONE, headers });
      for (const [query, body] of [
        ["", TWO],
        ["?unit=Wh", ONE],
        ["?on_error=skip", ONE],
        [`?replaces=${first.json.batch_id}`, ONE],
      ] as const) {
        const answer = await send(service, "POST", `/v1/readings${query}`, { body, headers });
        expect([answer.status, answer.json.code]).toEqual([422, "key_reused"]);
      }
      const same = await send(service, "POST", "/v1/readings?unit=kWh&stamps=start", { body: ONE, headers });
      expect([same.status, same.text]).toEqual([201, first.text]);
    }));

  test("has 1 to 255 visible characters", () =>
    withService({}, async (service) => {
      for (const key of ["x".repeat(256), "", "a\tb", "é"]) {
        const answer = await send(service, "POST", "/v1/readings", { body: ONE, headers: { "idempotency-key": key } });
        expect([key, answer.status, answer.json.code]).toEqual([key, 400, "bad_idempotency_key"]);
      }
      const headers = { "content-type": "application/x-ndjson", "idempotency-key": ["a", "b"] };
      const twice = request(`${service.address}/v1/readings`, { method: "POST", headers });
      twice.end(ONE);
      const [{ statusCode }] = await once(twice, "response");
      expect(statusCode).toBe(400);
      const key = createHash("sha512").update("").digest("hex").padEnd(255, "~");
      const answer = await send(service, "POST", "/v1/readings", { body: ONE, headers: { "idempotency-key": key } });
      expect(answer.status).toBe(201);
    }));
});

describe("replacing", () => {
  test("is one step, and can be done once", () =>
    withService({}, async (service) => {
      const first = await send(service, "POST", "/v1/readings", { body: ONE });
      const replaces = `/v1/readings?replaces=${first.json.batch_id}`;
      const second = await send(service, "POST", replaces, { body: TWO, headers: { "idempotency-key": "r" } });
      expect(second.status).toBe(201);
      expect((await send(service, "GET", "/v1/daily")).json.rows[0].aggregated_kWh_value).toBe("0.2");
      const again = await send(service, "POST", replaces, { body: TWO });
      expect([again.status, again.json.code]).toEqual([409, "already_ended"]);
      const repeated = await send(service, "POST", replaces, { body: TWO, headers: { "idempotency-key": "r" } });
      expect([repeated.status, repeated.text]).toEqual([201, second.text]);
      const before = await send(service, "GET", `/v1/batches/${first.json.batch_id}`);
      expect(before.json).toMatchObject({ state: "replaced", replaced_by: second.json.batch_id });
      const unknown = await send(service, "POST", "/v1/readings?replaces=nope", { body: TWO });
      expect([unknown.status, unknown.json.code]).toEqual([404, "no_such_batch"]);
    }));

  test("what was retracted cannot be replaced", () =>
    withService({}, async (service) => {
      const { json } = await send(service, "POST", "/v1/readings", { body: ONE });
      expect((await send(service, "DELETE", `/v1/batches/${json.batch_id}`)).json.state).toBe("retracted");
      const answer = await send(service, "POST", `/v1/readings?replaces=${json.batch_id}`, { body: TWO });
      expect([answer.status, answer.json.code]).toEqual([409, "already_ended"]);
    }));
});

function chunks(text: string, bytes: number): ReadableStream<Uint8Array> {
  const all = Buffer.from(text);
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= all.length) controller.close();
      else controller.enqueue(all.subarray(at, at + bytes));
      at += bytes;
    },
  });
}
