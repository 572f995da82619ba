/** A made-up site with three meters, by quarter hours, over the spring of 2024 in Berlin. */
import { randomOf } from "../../scripts/service-process.mjs";

const QUARTER = 900;
const at = (text: string) => Date.parse(text) / 1000;

/** 00:00 of 1 February to 00:00 of 15 April, in Berlin. */
const [BEGIN, END] = [at("2024-01-31T23:00:00Z"), at("2024-04-14T22:00:00Z")];
/** No meter has readings then. */
export const GAPS = [
  { from: "2024-03-12T11:00:00+01:00", to: "2024-03-12T14:00:00+01:00", hours: 3 },
  { from: "2024-03-30T22:00:00+01:00", to: "2024-03-31T04:00:00+02:00", hours: 5 },
] as const;
/** All meters say 0 then. */
export const ZERO = "2024-03-20T02:00:00+01:00";
export const SOURCES = ["house", "roof", "server room"] as const;

/** As newline-delimited JSON. */
export function siteReadings(): string {
  const random = randomOf(7);
  const gaps = GAPS.map(({ from, to }) => [at(from), at(to)] as const);
  const zero = at(ZERO);
  const lines: string[] = [];
  for (let instant = BEGIN; instant < END; instant += QUARTER) {
    if (gaps.some(([from, to]) => instant >= from && instant < to)) continue;
    const date = new Date(instant * 1000);
    const hour = date.getUTCHours();
    const isZero = instant >= zero && instant < zero + 3600;
    const values = [
      (hour >= 5 && hour < 21 ? 0.4 : 0.07) + 0.3 * random(),
      hour >= 8 && hour < 16 ? -2 * random() * Math.sin(((hour - 7) / 10) * Math.PI) : 0,
      0.11 + 0.05 * random(),
    ];
    for (const [n, id] of SOURCES.entries()) {
      // The server room's meter was changed on 10 February.
      if (id === "server room" && date.toISOString().startsWith("2024-02-10")) continue;
      const kWh_value = isZero ? 0 : Number(values[n]!.toFixed(4));
      lines.push(JSON.stringify({ timestamp: date.toISOString(), kWh_value, meter_id: id }));
    }
  }
  return `${lines.join("\n")}\n`;
}

/** A day of hours of one meter, rising from `kWh`. */
export function day(date: string, source: string, kWh: number, zone = "Z"): string {
  return Array.from({ length: 24 }, (_, hour) =>
    JSON.stringify({
      timestamp: `${date}T${String(hour).padStart(2, "0")}:00:00${zone}`,
      kWh_value: kWh + hour / 16,
      meter_id: source,
    }),
  ).join("\n");
}
