/** What is delivered again, in a store: a day that it has from another batch is refused, and can be replaced. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadFiles } from "../../dist/jobs/load.js";
import type { Caller } from "../../dist/service/auth/access.js";
import { inFolder } from "../oracle/electro.js";
import { send, withService } from "./support.js";

const NEM12 = (value: string, day = "20240131") =>
  `100,NEM12,202402010000,A,B\n200,6305000123,E1,1,E1,N1,M1,kWh,240,\n300,${day},1,2,3,4,5,${value},A,,,20240201000000,\n900\n`;
const BLOCK = (value: number) =>
  `<entry xmlns="http://www.w3.org/2005/Atom"><link rel="self" href="UsagePoint/1/MeterReading/2/IntervalBlock/3"/><content>
  <ReadingType><uom>72</uom><flowDirection>1</flowDirection></ReadingType><IntervalBlock><IntervalReading><timePeriod>
  <duration>900</duration><start>1706659200</start></timePeriod><value>${value}</value></IntervalReading></IntervalBlock></content></entry>`;

test.each([
  ["text/csv", NEM12("6"), NEM12("7"), "6305000123/E1", "21"],
  ["application/xml", BLOCK(1000), BLOCK(2000), "1/2/fwd", "1"],
])("over HTTP as %s it is 409, with the source, unless it replaces that batch", (type, body, other, source, kWh) =>
  withService({}, async (service) => {
    const post = (body: string, query = "") =>
      send(service, "POST", `/v1/readings${query}`, { body, headers: { "content-type": type } });
    const first = await post(body);
    expect([first.status, first.json.total_kWh, first.json.warnings]).toEqual([201, kWh, []]);
    const again = await post(other);
    expect([again.status, again.json.code]).toEqual([409, "readings_there"]);
    expect(again.json.detail).toContain(`source ${JSON.stringify(source)} at 2024-01-`);
    expect(again.json.detail).toContain(`from batch ${first.json.batch_id}, `);
    expect(again.json.detail).toContain(`replaces=${first.json.batch_id} takes this body`);
    const replaced = await post(other, `?replaces=${first.json.batch_id}`);
    expect(replaced.status).toBe(201);
    const summed = await send(service, "POST", "/v1/aggregate?resolution=total", {
      body,
      headers: { "content-type": type, accept: "application/json" },
    });
    expect(summed.json.rows[0].aggregated_kWh_value).toBe(kWh);
    const flags = type === "text/csv" ? { A: 6 } : {};
    expect([first.json.quality_flags, summed.json.quality_flags, summed.json.read_as]).toEqual([flags, flags, []]);
  }),
);

test("a batch that replaces one with more days says so", () =>
  withService({}, async (service) => {
    const post = (body: string, query = "") =>
      send(service, "POST", `/v1/readings${query}`, { body, headers: { "content-type": "text/csv" } });
    const { json: first } = await post(`${NEM12("6")}${NEM12("8", "20240202")}`);
    const query = `?replaces=${first.batch_id}`;
    const trial = await post(NEM12("7"), `${query}&dry_run=true`);
    const { json: second } = await post(NEM12("7"), query);
    expect(trial.json.warnings).toEqual(second.warnings);
    expect(second.warnings).toEqual([
      {
        code: "not_replaced",
        message: `batch ${first.batch_id}, which it replaces, has readings of source "6305000123/E1" in 6 quarter hours between 2024-02-01T14:00:00Z and 2024-02-02T10:00:00Z for which it has none; they count no more. Is it all of the new content?`,
      },
    ]);
    const more = await post(`${NEM12("7")}${NEM12("8", "20240202")}`, `?replaces=${second.batch_id}&strict=true`);
    expect([more.status, more.json.warnings]).toEqual([201, []]);
  }));

test("the same readings again are told as what a batch has already, also among more of it, and nobody is asked to replace it", () =>
  withService({}, async (service) => {
    const post = (body: string) =>
      send(service, "POST", "/v1/readings", { body, headers: { "content-type": "text/csv" } });
    const two = `${NEM12("6")}${NEM12("8", "20240201")}`;
    const { json: first } = await post(two);
    for (const body of [two, NEM12("6"), `\n${NEM12("8.0", "20240201")}`]) {
      const { status, json } = await post(body);
      expect([status, json.code]).toEqual([409, "readings_there"]);
      expect(json.detail).toContain(`has all of these readings already, from batch ${first.batch_id}, `);
      expect(json.detail).not.toContain("replaces=");
    }
    for (const body of [NEM12("6.1"), `${two}${NEM12("1", "20240202")}`])
      expect((await post(body)).json.detail).toContain(`replaces=${first.batch_id} takes this body`);
  }));

test("a token that only writes is told nothing of what others sent; one limited to some sources not of their batches", () => {
  const callers: Record<string, Caller> = {
    gateway: { name: "gateway", scopes: ["write"] },
    other: { name: "other", scopes: ["write"] },
    reader: { name: "reader", scopes: ["read", "write"] },
    tenant: { name: "tenant", scopes: ["read", "write"], sources: ["6305000123/E1"] },
  };
  const access = { open: false, check: (header: string | undefined) => callers[header?.slice("Bearer ".length) ?? ""] };
  return withService({ access }, async (service) => {
    const post = (who: string, body: string) =>
      send(service, "POST", "/v1/readings", {
        body,
        headers: { "content-type": "text/csv", authorization: `Bearer ${who}` },
      });
    const { json: first } = await post("gateway", NEM12("6"));
    const detailFor = async (who: string) => {
      const { status, json } = await post(who, NEM12("7"));
      expect([status, json.code]).toEqual([409, "readings_there"]);
      return json.detail as string;
    };
    const own = await detailFor("gateway");
    expect([own.includes("6305000123/E1"), own.includes(first.batch_id)]).toEqual([true, true]);
    const other = await detailFor("other");
    expect([other.includes("6305000123"), other.includes("2024"), other.includes(first.batch_id)]).toEqual([
      ...[false, false, false],
    ]);
    const tenant = await detailFor("tenant");
    expect([tenant.includes("6305000123/E1"), tenant.includes(first.batch_id)]).toEqual([true, false]);
    const reader = await detailFor("reader");
    expect([reader.includes(first.batch_id), own.includes("replaces=")]).toEqual([true, true]);
    for (const detail of [other, tenant, reader]) {
      expect(detail).not.toContain("replaces=");
      expect(detail).toContain("only who sent that batch, or a token with the scope admin, can replace");
    }
  });
});

test("a file that was loaded is not loaded again with other content, but another day is", () =>
  inFolder(async (folder) => {
    const context = { cwd: folder };
    const options = { store: `duckdb:${join(folder, "s.duckdb")}` };
    const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
    write("a.csv", NEM12("6"));
    write("b.csv", NEM12("7"));
    write("c.csv", NEM12("8", "20240201"));
    const first = await loadFiles(["a.csv", "c.csv"], options, context);
    expect(first.inputs.map(({ outcome }) => outcome)).toEqual(["added", "added"]);
    const other = await loadFiles(["b.csv"], options, context);
    expect(other.failures.map(({ code }) => code)).toEqual(["readings_there"]);
    const refused = other.failures[0]!.message;
    expect(refused).toMatch(/^b.csv: the store has readings/);
    // The way that it names is one that works: the corrected file in the place of the one that was loaded.
    expect(refused).toContain(`instead of it into ${join(folder, "a.csv")}, which it came from`);
    expect(refused).toContain(`POST /v1/readings?replaces=${first.inputs[0]!.batch}; nothing`);
    const again = await loadFiles(["b.csv"], { ...options, replace: true }, context);
    expect(again.failures[0]!.message).toBe(refused);
    write("a.csv", NEM12("7"));
    const replaced = await loadFiles(["a.csv"], { ...options, replace: true }, context);
    expect(replaced.inputs).toMatchObject([{ outcome: "replaced", kWh: "22" }]);
  }));
