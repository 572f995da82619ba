/** Names of zones, and messages about names that are not valid. */
import { bySurface, type Message, say } from "../base/message.js";
import { nearest } from "../base/suggestion.js";

/** Abbreviations that Node accepts besides IANA names. Each of them is used by several zones. */
const ABBREVIATION =
  /^(A[CERS]T|AET|AGT|ART|BET|BST|CAT|CNT|CST|CTT|EAT|ECT|IET|IST|JST|MIT|NET|NST|PLT|PNT|PRT|PST|SST|VST)$/i;

const HOW = "write an IANA name such as Europe/Paris, or an offset such as +01:00";

/** `±HH:MM`, `±HHMM` or `±HH` in seconds, up to 18 hours; `undefined` for anything else. */
export function fixedOffset(name: string): number | undefined {
  const parts = /^([+-])(\d\d)(?::?([0-5]\d))?$/.exec(name);
  if (parts === null) return undefined;
  const [, sign, hours, minutes = "0"] = parts;
  const offset = Number(hours) * 3600 + Number(minutes) * 60;
  if (offset > 18 * 3600) return undefined;
  return sign === "-" && offset > 0 ? -offset : offset;
}

/** An offset in ISO 8601: `+01:00`, or `-00:44:30` if it has seconds. */
export function offsetText(offset: number): string {
  const size = Math.abs(offset);
  const two = (part: number) => String(Math.floor(part)).padStart(2, "0");
  const seconds = size % 60 === 0 ? "" : `:${two(size % 60)}`;
  return `${offset < 0 ? "-" : "+"}${two(size / 3600)}:${two((size / 60) % 60)}${seconds}`;
}

/** Words in IANA names that are not simply capitalised. */
const WORDS = new Map(
  (
    "ACT BajaNorte BajaSur CET CHAT ComodRivadavia CST6CDT DeNoronha DumontDUrville EasterIsland EET EST EST5EDT " +
    "GB GMT GMT0 HST IN LHI McMurdo MET MST MST7MDT NSW NZ PRC PST8PDT ROC ROK SU UCT US UTC WET au es of"
  )
    .split(" ")
    .map((word) => [word.toLowerCase(), word]),
);

/** An IANA name in its proper case. Node has only some of them, and older releases have other names. */
export function properCase(name: string): string {
  return name
    .toLowerCase()
    .replace(/[a-z][a-z0-9]*/g, (word) => WORDS.get(word) ?? word.charAt(0).toUpperCase() + word.slice(1));
}

/** Why a name is not an IANA zone, and what to write instead; `undefined` if it is one. */
export function whyNotAZone(name: string): Message | undefined {
  const quoted = JSON.stringify(name);
  if (ABBREVIATION.test(name)) {
    return `${quoted} is not a time zone but an abbreviation that several share; ${HOW}`;
  }
  if (isKnown(name)) return undefined;
  if (/^[+-]/.test(name)) {
    return `${quoted} is not an offset of up to 18 hours, such as +01:00`;
  }
  if (/^(utc|gmt)? *[+-]?\d/i.test(name)) {
    // A plus that is not encoded arrives as a blank.
    const plus = name.startsWith(" ") ? bySurface({ http: "; in an address, its plus is %2B" }) : "";
    return say`${quoted} is not a time zone; write an offset such as +01:00${plus}`;
  }
  const meant = suggestion(name);
  return `there is no time zone ${quoted}; ${meant === undefined ? HOW : `did you mean ${meant}?`}`;
}

function isKnown(name: string): boolean {
  // Newer releases of Node accept offsets too, and ICU's own SystemV/EST5.
  if (!/^[a-z]/i.test(name) || /^systemv/i.test(name)) return false;
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** The zone that was perhaps meant: misspelt, or named by its city alone. */
function suggestion(name: string): string | undefined {
  const known = Intl.supportedValuesOf("timeZone");
  const wanted = name.trim().replace(/\s+/g, "_");
  const whole = nearest(wanted, known);
  if (whole !== undefined) return whole;
  const city = nearest(cityOf(wanted), known.map(cityOf));
  return city === undefined ? undefined : known.find((zone) => cityOf(zone) === city);
}

function cityOf(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}
