/** Zones to try things with. */
import fc from "fast-check";

const FIXED = ["+00:00", "+01:00", "-03:30", "+05:37", "+18:00", "-18:00", "-0930", "+14"];

/** Zones of which something happens that others do not have. */
const SPECIAL = [
  "Asia/Kathmandu",
  "Australia/Lord_Howe",
  "America/Sao_Paulo",
  "Pacific/Apia",
  "America/St_Johns",
  "Africa/Monrovia",
  "Pacific/Kiritimati",
  "Europe/Dublin",
  "Africa/Casablanca",
  "Antarctica/Troll",
  "America/Argentina/Buenos_Aires",
  "Europe/London",
  "Asia/Gaza",
  "America/Recife",
];

export const IANA_ZONES = Intl.supportedValuesOf("timeZone").filter((name) => name !== "UTC");

/** Any zone that there is, the special ones often. */
export const anyZone = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...IANA_ZONES) },
  { weight: 3, arbitrary: fc.constantFrom(...SPECIAL) },
  { weight: 1, arbitrary: fc.constantFrom("UTC", ...FIXED) },
);

/** Epoch seconds of a time such as `2024-01-31T00:00Z`. */
export function at(text: string): number {
  return Date.parse(text) / 1000;
}

/** Seconds since 1970 of a wall time such as `2024-01-31T00:00`, as if it were UTC. */
export function wall(text: string): number {
  return at(`${text}Z`);
}
