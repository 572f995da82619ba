/** Profiles: how a known export is read, as data. Those in profiles/ come with Electro; users write their own. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { UsageError } from "../base/errors.js";
import { type Message, option, say, textOf } from "../base/message.js";
import { nearest } from "../base/suggestion.js";
import { reasonOf } from "../base/system-error.js";
import type { ExportMark, KnownTable, ScanPlan } from "../scan/plan.js";
import { checkOptions } from "./check-options.js";
import type { OptionEntry } from "./option.js";
import type { ReadOptions } from "./options.js";
import { READ } from "./read-options.js";

export interface Profile {
  readonly name: string;
  /** What it is of, in a few words. */
  readonly title: string;
  /** The names of all columns, for each form that the header may have. */
  readonly headers: readonly (readonly string[])[];
  readonly options: ReadOptions;
  readonly exportMark: ExportMark | undefined;
  /** Whether rows may lack cells at their end, of columns that are not needed. */
  readonly shortRows: boolean;
  /** Options that have to be given, since the export leaves them open, and why. */
  readonly needs: Readonly<Record<string, string>>;
}

const FOLDER = new URL("../../profiles/", import.meta.url);
const ENDING = ".json";
const SCHEMA = "schema";
/** Turns recognising off. */
const NONE = "none";
/** Bytes of a profile. */
const MAX_BYTES = 1 << 20;
const MEMBERS = ["$schema", "title", "headers", "options", "export", "shortRows", "needs"];

/** Options, and what else their profile says of the table: what is export, and whether rows may be short. */
export type Profiled<T extends ReadOptions = ReadOptions> = T & Partial<Pick<Profile, "exportMark" | "shortRows">>;

/** Of an option that is given, those that a profile's ones of these names give way to. */
const EXCLUDED: Readonly<Record<string, readonly string[]>> = {
  interval: ["endField", "end", "durationField", "durationUnit", "dayColumns"],
  endField: ["interval", "durationField", "durationUnit", "dayColumns", "stamps"],
  durationField: ["interval", "endField", "end", "dayColumns"],
  dayColumns: ["interval", "endField", "end", "durationField", "durationUnit", "valueField", "stamps"],
  stamps: ["endField", "end"],
  values: ["unit"],
};
/** Options that say what a reading covers. */
const COVERING = ["interval", "endField", "end", "durationField", "durationUnit", "dayColumns", "stamps"] as const;
/** Where the user names one of these, nothing is recognised: the data are described. */
const DESCRIBING = ["timestampField", "timeField", "valueField", "dayColumns", "header"] as const;

let shipped: ReadonlyMap<string, Profile> | undefined;

/** The profiles that come with Electro, by name. */
export function shippedProfiles(): ReadonlyMap<string, Profile> {
  shipped ??= new Map(
    readdirSync(FOLDER)
      .filter((file) => file.endsWith(ENDING) && file !== `${SCHEMA}${ENDING}`)
      .sort()
      .map((file) => {
        const name = file.slice(0, -ENDING.length);
        return [name, parsed(name, textOfShipped(name))];
      }),
  );
  return shipped;
}

/** The text of a profile that comes with Electro. */
export function textOfShipped(name: string): string {
  return readFileSync(new URL(`${name}${ENDING}`, FOLDER), "utf8");
}

/**
 * Options with those of the profile that they name, where they do not say otherwise.
 * @param cwd where a profile's file is; `undefined`: only those that come with Electro have a place
 * @throws UsageError if there is no such profile, or it is wrong
 */
export function withProfile<T extends ReadOptions>(options: T, cwd?: string): Profiled<T> {
  const { profile } = options;
  if (profile === undefined || profile === NONE) return options;
  const found = shippedProfiles().get(profile) ?? (cwd === undefined ? undefined : profileOfFile(profile, cwd));
  if (found === undefined) throw unknown(profile);
  const lacking = lacks(found, options);
  if (lacking !== undefined) throw new UsageError("profile_lacks", lacking, { option: "profile" });
  return joined(options, found);
}

/**
 * The tables that are recognised by their headers.
 * @param planned a plan for options, of the run's zones
 */
export function knownTables(options: ReadOptions, planned: (options: Profiled) => ScanPlan): KnownTable[] {
  if (options.profile !== undefined || DESCRIBING.some((name) => options[name] !== undefined)) return [];
  return [...shippedProfiles().values()].map((profile) => {
    const { name, headers, options: own } = profile;
    const zone = options.inputTimezone === undefined ? own.inputTimezone : undefined;
    const { inputTimezone: _, ...rest } = own;
    const wanting = lacks(profile, options);
    try {
      const all = joined(options, { ...profile, options: rest });
      // What is missing would make the plan a wrong one.
      const plan = planned(wanting === undefined ? all : options);
      return { name, headers, zone, plan, lacks: wanting, replaced: replacedIn(own, options) };
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      return { name, headers, zone, plan: planned(options), lacks: say`read as ${name}: ${error.said}` };
    }
  });
}

/** In words, the first option that takes the place of what a profile's say about what a reading covers. */
function replacedIn(own: ReadOptions, given: ReadOptions): Message | undefined {
  for (const name of COVERING) {
    const value = given[name];
    if (value === undefined) continue;
    const gone = COVERING.filter((other) => {
      const there = own[other];
      return (
        there !== undefined && (other === name ? !isDeepStrictEqual(there, value) : EXCLUDED[name]?.includes(other))
      );
    });
    if (gone.length === 0) continue;
    const names = gone.flatMap((other) => [own[other] ?? []].flat().map((one) => say`${option(other, one)}`));
    return say`${option(name, [value].flat().join(" "))} replaces its ${names.reduce((all, one) => say`${all} and ${one}`)}`;
  }
  return undefined;
}

function joined<T extends ReadOptions>(options: T, profile: Profile): Profiled<T> {
  const given = Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  const excluded = new Set(given.flatMap((name) => EXCLUDED[name] ?? []));
  const own = Object.entries(profile.options).filter(([name]) => !excluded.has(name));
  const asked = Object.entries(options).filter(([, value]) => value !== undefined);
  const { exportMark, shortRows } = profile;
  return { ...Object.fromEntries(own), ...Object.fromEntries(asked), exportMark, shortRows } as Profiled<T>;
}

/** The options that the profile needs and that are not given, with the reasons. */
function lacks({ name, needs }: Profile, options: ReadOptions): Message | undefined {
  const lacking = Object.entries(needs).filter(([needed]) => options[needed as keyof ReadOptions] === undefined);
  if (lacking.length === 0) return undefined;
  const asked = lacking.map(([needed, why]) => say`${why}; say ${waysOf(needed)}`);
  return say`read as ${name}: ${asked.reduce((all, one) => say`${all}; ${one}`)}`;
}

/** An option, with each of its choices if it has some. */
function waysOf(name: string): Message {
  const { choices = [] }: OptionEntry = READ[name as keyof typeof READ];
  const ways = choices.map((choice) => say`${option(name, choice)}`);
  return ways.length === 0 ? say`${option(name)}` : ways.reduce((all, way) => say`${all} or ${way}`);
}

function unknown(name: string): UsageError {
  const meant = nearest(name, [...shippedProfiles().keys()]);
  return new UsageError(
    "unknown_profile",
    say`${option("profile", name)}: there is no such profile${meant === undefined ? "" : `; did you mean ${meant}?`}`,
    { option: "profile" },
  );
}

function profileOfFile(name: string, cwd: string): Profile | undefined {
  if (!/[./\\]/.test(name)) return undefined;
  let text: string;
  try {
    const file = resolve(cwd, name);
    const { size } = statSync(file);
    if (size > MAX_BYTES) throw wrong(name, "is larger than 1 MiB; is it a profile?");
    // A pipe or a device has no end that can be waited for here.
    text = size === 0 ? "" : readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError("unreadable_profile", say`${option("profile", name)}: ${reasonOf(error)}`, {
      option: "profile",
    });
  }
  return parsed(name, text);
}

/** @throws UsageError saying what is wrong with the profile */
function parsed(name: string, text: string): Profile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw wrong(name, `is not JSON: ${(error as Error).message}`);
  }
  if (!isObject(value)) throw wrong(name, "is not an object; a profile has headers and options");
  const other = Object.keys(value).find((member) => !MEMBERS.includes(member));
  if (other !== undefined) throw wrong(name, `has a member ${JSON.stringify(other)}; there are ${MEMBERS.join(", ")}`);
  const { title = name, headers = [], options = {}, needs = {}, shortRows = false } = value as Record<string, unknown>;
  const { export: mark } = value as { export?: unknown };
  if (typeof title !== "string") throw wrong(name, "has a title that is no string");
  if (!Array.isArray(headers) || !headers.every(isNames)) throw wrong(name, "has headers that are not arrays of names");
  if (mark !== undefined && !isMark(mark))
    throw wrong(name, 'has an export that is neither {"columns": […]} nor {"field": "…", "values": […]}');
  if (typeof shortRows !== "boolean") throw wrong(name, "has shortRows that are neither true nor false");
  if (!isObject(options)) throw wrong(name, "has options that are no object");
  if (!isObject(needs) || !Object.values(needs).every((why) => typeof why === "string"))
    throw wrong(name, "has needs that are not options with a reason each");
  for (const one of [...Object.keys(options), ...Object.keys(needs)])
    if (!Object.hasOwn(READ, one) || one === "profile") {
      const meant = nearest(one, Object.keys(READ));
      throw wrong(
        name,
        `has an option ${JSON.stringify(one)} that does not say how to read${meant === undefined ? "" : `; did you mean ${meant}?`}`,
      );
    }
  try {
    checkOptions(options, { command: "aggregate", files: false });
  } catch (error) {
    if (error instanceof UsageError) throw wrong(name, `is wrong: ${textOf(error.said, "library")}`);
    throw error;
  }
  return {
    name,
    title,
    headers: headers as string[][],
    options: options as ReadOptions,
    exportMark: mark,
    shortRows,
    needs: needs as Profile["needs"],
  };
}

function isNames(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

function isMark(value: unknown): value is ExportMark {
  if (!isObject(value)) return false;
  const { columns, field, values, ...rest } = value as Record<string, unknown>;
  if (Object.keys(rest).length > 0) return false;
  if (columns !== undefined) return isNames(columns) && field === undefined && values === undefined;
  return typeof field === "string" && isNames(values);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function wrong(name: string, what: string): UsageError {
  return new UsageError("bad_profile", say`${option("profile", name)} ${what}`, { option: "profile" });
}
