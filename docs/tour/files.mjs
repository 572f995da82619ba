// docs/tour/files.mjs
import { aggregate, BadRecordsError } from "electro-kwh";

const sum = await aggregate("examples/*.ndjson", { timezone: "Europe/Berlin", bySource: true });
console.log(sum.kWh, sum.readings);
for (const { source_id, daily_timestamp, aggregated_kWh_value } of sum.daily())
  if (daily_timestamp === "2026-10-24") console.log(source_id, aggregated_kWh_value);
for (const { name, text } of sum.csv()) console.log(name, text.length);
console.log(sum.warnings);

try {
  await aggregate("docs/tour/damaged.ndjson");
} catch (error) {
  if (!(error instanceof BadRecordsError)) throw error;
  const [first] = error.rejected;
  console.log(error.code, first?.line, first?.reason);
}
