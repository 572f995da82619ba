/** What was found out about cumulative readings while they became energy: counts, and the first places of each kind. */
import { type Message, option, say } from "../base/message.js";
import type { Warning, WarningCode } from "../base/warning.js";
import { energyText } from "../tally/energy.js";
import { REGISTER_EVENTS, type RegisterEvent } from "../tally/register-sink.js";
import { instantLabel } from "../time/period.js";
import type { Zone } from "../time/zone.js";

/** One place. Plain data. */
export interface RegisterPlace {
  readonly source: string;
  /** Epoch seconds, whole: of one reading, or of two neighbours. */
  readonly from: number;
  readonly to: number;
  /** Of a conflict, in 10⁻¹⁸ kWh. */
  readonly values: readonly bigint[];
}

/** Plain data. */
export interface RegisterFindings {
  readonly counts: Readonly<Record<RegisterEvent, number>>;
  /** Hours of sources that got energy only by spreading over more than two hours. */
  readonly spreadHours: number;
  /** The first ones of each kind, by source and time. */
  readonly places: Readonly<Record<RegisterEvent, readonly RegisterPlace[]>>;
}

/** Places that are told of each kind, and that are held before the first ones of them are chosen. */
const MOST_PLACES = 20;
const HELD = 1000;
/** Characters of an id, and values of a conflict, that a message shows. */
const MOST_OF_ID = 80;
const MOST_VALUES = 3;

export class RegisterLog {
  private readonly counts = byEvent(() => 0);
  private readonly places = byEvent((): RegisterPlace[] => []);
  spreadHours = 0;

  add(event: RegisterEvent, place: RegisterPlace): void {
    this.counts[event]++;
    const places = this.places[event];
    places.push(place);
    if (places.length >= HELD) this.places[event] = first(places);
  }

  findings(): RegisterFindings {
    return {
      counts: { ...this.counts },
      spreadHours: this.spreadHours,
      places: byEvent((event) => first(this.places[event])),
    };
  }
}

function byEvent<T>(make: (event: RegisterEvent) => T): Record<RegisterEvent, T> {
  return Object.fromEntries(REGISTER_EVENTS.map((event) => [event, make(event)])) as Record<RegisterEvent, T>;
}

function first(places: readonly RegisterPlace[]): RegisterPlace[] {
  return [...places]
    .sort((a, b) => (a.source < b.source ? -1 : a.source > b.source ? 1 : a.from - b.from))
    .slice(0, MOST_PLACES);
}

/** What is said of a kind, of `n` of which `place` is the first; those that are no warnings are only counted. */
const SAID: {
  readonly [E in RegisterEvent]?: { readonly code: WarningCode; say(n: number, place: Message): Message };
} = {
  fell: {
    code: "register_fell",
    say: (n, place) =>
      say`${n} ${n === 1 ? "reading is" : "readings are"} lower than the one before: ${place}. Nothing is counted between such two. If the meter was exchanged, say so with ${option("exchanges", "FILE")}; if it passed its highest number, with ${option("rollover", "100000")}; if it is a device that begins again at 0, with ${option("register", "counter")}`,
  },
  gap: {
    code: "register_gap",
    say: (n, place) =>
      say`${n} ${n === 1 ? "pair of neighbouring readings is" : "pairs of neighbouring readings are"} more than 400 days apart: ${place}. Nothing is counted between such two`,
  },
  blip: {
    code: "register_blip",
    say: (n, place) =>
      say`${n} ${n === 1 ? "reading was lower for a moment and is" : "readings were lower for a moment and are"} ignored: ${place}`,
  },
  conflict: {
    code: "register_conflict",
    say: (n, place) =>
      say`at ${n} ${n === 1 ? "instant" : "instants"}, a source has different readings, and all of them are set aside: ${place}`,
  },
  dropped: {
    code: "register_dropped",
    say: (n, place) =>
      say`energy was dropped between ${n} ${n === 1 ? "pair" : "pairs"} of readings that are further apart than the limit: ${place}`,
  },
};

/** Warnings about what was found. @param zone of the instants in them */
export function registerWarnings({ counts, places }: RegisterFindings, zone: Zone): Warning[] {
  return REGISTER_EVENTS.flatMap((event) => {
    const said = SAID[event];
    const place = places[event][0];
    if (said === undefined || place === undefined) return [];
    return [{ code: said.code, message: said.say(counts[event], placeText(place, zone)) }];
  });
}

/** Counts by name, for machines and people; those that are 0 are left out. */
const NAMES: Readonly<Record<RegisterEvent | "spreadHours", readonly [name: string, one: string, more: string]>> = {
  exchange: ["exchanges", "meter exchange", "meter exchanges"],
  blip: ["blips", "reading lower for a moment", "readings lower for a moment"],
  rollover: ["rollovers", "rollover", "rollovers"],
  restart: ["restarts", "beginning at 0 again", "beginnings at 0 again"],
  fell: ["falls", "fall unresolved", "falls unresolved"],
  gap: ["gaps", "gap of more than 400 days", "gaps of more than 400 days"],
  dropped: ["dropped", "gap whose energy was dropped", "gaps whose energy was dropped"],
  at_end: ["atEnd", "gap whose energy is at its end", "gaps whose energy is at their ends"],
  conflict: ["conflicts", "instant in conflict", "instants in conflict"],
  spreadHours: ["spreadHours", "hour of a source only spread", "hours of sources only spread"],
};

/** What was found, by name; `undefined` if that is nothing. */
export function registerCounts({ counts, spreadHours }: RegisterFindings): Record<string, number> | undefined {
  const all = { ...counts, spreadHours };
  const found = (Object.keys(NAMES) as (keyof typeof NAMES)[]).filter((key) => all[key] > 0);
  return found.length === 0 ? undefined : Object.fromEntries(found.map((key) => [NAMES[key][0], all[key]]));
}

/** The same for people: `1 meter exchange`. */
export function registerTexts(counts: Readonly<Record<string, number>>): string[] {
  return Object.values(NAMES).flatMap(([name, one, more]) => {
    const count = counts[name] ?? 0;
    return count === 0 ? [] : [`${count.toLocaleString("en-US")} ${count === 1 ? one : more}`];
  });
}

/** The places of conflicts, for the message of a run that they fail. */
export function conflictTexts({ places }: RegisterFindings, zone: Zone): string[] {
  return places.conflict.map((place) => placeText(place, zone));
}

function placeText({ source, from, to, values }: RegisterPlace, zone: Zone): string {
  const id = source === "" ? "the source without an id" : `source ${JSON.stringify(source.slice(0, MOST_OF_ID))}`;
  const at = (second: number) => instantLabel(zone, second) ?? "";
  const times = from === to ? `at ${at(from)}` : `from ${at(from)} to ${at(to)}`;
  const more = values.length > MOST_VALUES ? ` and ${values.length - MOST_VALUES} more` : "";
  const shown = values.slice(0, MOST_VALUES).map((value) => `${energyText(value)} kWh`);
  return `${id} ${times}${shown.length === 0 ? "" : `: ${shown.join(", ")}${more}`}`;
}
