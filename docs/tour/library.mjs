// docs/tour/library.mjs
import { aggregate } from "electro-kwh";

const { daily, hourly, kWh } = await aggregate(
  [
    { timestamp: "2026-03-29T00:30:00+01:00", kWh_value: 0.1, meter_id: "a" },
    { timestamp: "2026-03-29T03:15:00+02:00", kWh_value: "0.2", meter_id: "b" },
  ],
  { timezone: "Europe/Berlin" },
);

console.log(kWh);
for (const row of daily()) console.log(row);
console.log([...hourly()].length, "hours, since the clocks went forward");
