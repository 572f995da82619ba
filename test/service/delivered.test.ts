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

test("a token that only writes is told nothing of what others sent; one limited to some sources not of their batches", () => {
  const callers: Record<string, Caller> = {
    gateway: { name: "gateway", scopes: ["write"] },
    other: { name: "other", scopes: ["write"] },
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
    expect(other.failures[0]!.message).toMatch(/^b.csv: the store has readings/);
    write("a.csv", NEM12("7"));
    const replaced = await loadFiles(["a.csv"], { ...options, replace: true }, context);
    expect(replaced.inputs).toMatchObject([{ outcome: "replaced", kWh: "22" }]);
  }));
