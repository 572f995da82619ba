/** What the readings of a type are, by the codes of ESPI. */
import type { ReadingType } from "./feed.js";

export interface Meaning {
  /** The power of ten that converts values to 10⁻¹⁸ kWh, or kW. */
  readonly unitPower: number;
  readonly isPower: boolean;
  readonly flow: "fwd" | "rev" | "net";
  /** Seconds of an interval, if the type says it. */
  readonly length: number | undefined;
}

const FLOWS: Readonly<Record<string, Meaning["flow"]>> = { "0": "fwd", "1": "fwd", "4": "net", "19": "rev" };
/** Kinds of what is no electrical energy. */
const COMMODITIES: Readonly<Record<string, string>> = { "7": "gas", "8": "gas", "9": "water", "11": "water" };
const SERVICES: Readonly<Record<string, string>> = { "1": "gas", "2": "water", "4": "heat" };
const UNITS: Readonly<Record<string, string>> = {
  ...{ "63": "reactive", "73": "reactive", "61": "apparent", "71": "apparent", "29": "voltage", "5": "current" },
  ...{ "65": "power_factor", "42": "gas", "119": "gas", "169": "gas", "128": "water", "134": "water" },
};
const WATT = 15;
const MOST_MULTIPLIER = 12;

/** What a block's readings are, or the kind under which they are left out. @param service the kind of its usage point */
export function meaningOf(type: ReadingType | undefined, service: string | undefined): Meaning | string {
  if (service !== undefined && service !== "0") return SERVICES[service] ?? "other_service";
  if (type === undefined) return "no_reading_type";
  const { values } = type;
  const commodity = values.get("commodity") ?? "1";
  if (!["0", "1", "2"].includes(commodity)) return COMMODITIES[commodity] ?? "other_service";
  const uom = values.get("uom") ?? "";
  if (uom !== "72" && uom !== "38") return UNITS[uom] ?? "other_unit";
  const accumulation = values.get("accumulationbehaviour") ?? "4";
  if (accumulation === "1") return "register";
  if (accumulation === "3") return "billing";
  if (accumulation !== "4" && accumulation !== "0") return "other_reading";
  // A peak is no average.
  if (values.get("kind") === "8") return "demand";
  if (!["0", "12", "2"].includes(values.get("dataqualifier") ?? "0")) return "other_reading";
  const flow = FLOWS[values.get("flowdirection") ?? "1"];
  if (flow === undefined) return "other_flow";
  const multiplier = values.get("poweroftenmultiplier") ?? "0";
  const power = Number(multiplier);
  if (!/^-?\d{1,2}$/.test(multiplier) || Math.abs(power) > MOST_MULTIPLIER) return "other_unit";
  const length = values.get("intervallength") ?? "";
  return {
    unitPower: WATT + power,
    isPower: uom === "38",
    flow,
    length: /^[1-9]\d{0,8}$/.test(length) ? Number(length) : undefined,
  };
}
