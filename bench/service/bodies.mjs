/** Bodies of a million readings, one after another: how long until each is acknowledged. */
import { closeSync, openSync, readFileSync } from "node:fs";
import { request } from "node:http";
import { bodyFile } from "./data.mjs";

/** Seconds until the answer to one POST is here whole; throws unless its status is one that is expected. */
export function post(url, body, headers, expected) {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const req = request(url, { method: "POST", headers: { "content-length": body.length, ...headers } }, (res) => {
      let text = "";
      res.setEncoding("utf8").on("data", (piece) => {
        text += piece;
      });
      res.on("end", () => {
        if (res.statusCode === expected) resolve((performance.now() - began) / 1000);
        else reject(new Error(`${res.statusCode}: ${text.slice(0, 500)}`));
      });
    });
    req.on("error", reject);
    req.end(body);
  });
}

export const electroBody = (server, cache, body, headers = {}) =>
  post(
    `${server.url}/v1/readings`,
    readFileSync(bodyFile(cache, "ndjson", body)),
    { "content-type": "application/x-ndjson", ...headers },
    201,
  );

/** With a key, by which the body may be sent again: its SHA-256 is worked out then. */
export const keyedBody = (server, cache, body) =>
  electroBody(server, cache, body, { "idempotency-key": `body ${body}` });

export const victoriaBody = (server, cache, body) =>
  post(`${server.url}/write`, readFileSync(bodyFile(cache, "influx", body)), { "content-type": "text/plain" }, 204);

export function postgresSchema({ sql }) {
  sql(
    `create table readings (meter_id text not null, time timestamptz not null, kwh numeric not null, primary key (meter_id, time))`,
  );
}

/** The copy, committed; what the sums kept beside it take to be renewed is said apart. */
export async function postgresBody({ sql }, cache, body) {
  const input = openSync(bodyFile(cache, "copy", body), "r");
  try {
    const began = performance.now();
    sql("copy readings from stdin csv", input);
    return (performance.now() - began) / 1000;
  } finally {
    closeSync(input);
  }
}

export function postgresSums({ sql }) {
  const began = performance.now();
  sql(`create materialized view if not exists hourly as
       select meter_id, date_trunc('hour', time) as hour, sum(kwh) as kwh, count(*) as readings from readings group by 1, 2 with no data`);
  sql(`create materialized view if not exists daily as
       select meter_id, date_trunc('day', time) as day, sum(kwh) as kwh, count(*) as readings from readings group by 1, 2 with no data`);
  sql("refresh materialized view hourly");
  sql("refresh materialized view daily");
  return (performance.now() - began) / 1000;
}
