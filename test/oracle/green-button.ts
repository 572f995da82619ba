/** Green Button as users are promised it: the whole feed as a tree, all readings of a flow at once, and only then those that count. */

import { energyOf } from "./energy.js";
import type { Delivered } from "./nem12.js";
import type { Options } from "./options.js";
import type { Reading } from "./reading.js";

export const isGreenButton = (text: string) => /^\s*(<\?xml|<([\w.-]+:)?(feed|entry)[\s>])/.test(text);

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
  text: string;
}

/** Well-formed XML without comments, sections and entities. */
function treeOf(xml: string): Element {
  const root: Element = { name: "", attributes: {}, children: [], text: "" };
  const open = [root];
  for (const [, close, name = "", rest = "", empty, text] of xml.matchAll(
    /<(\/?)([\w.:-]+)((?:\s+[\w.:-]+="[^"]*")*)\s*(\/?)>|([^<]+)|<\?.*?\?>/gs,
  )) {
    const top = open.at(-1)!;
    if (text !== undefined) top.text += text;
    else if (close === "/") open.pop();
    else if (name !== "") {
      const attributes = Object.fromEntries(
        [...rest.matchAll(/([\w.:-]+)="([^"]*)"/g)].map(([, key, value]) => [key, value]),
      );
      const element = { name: name.replace(/^.*:/, ""), attributes, children: [], text: "" };
      top.children.push(element);
      if (empty !== "/") open.push(element);
    }
  }
  return root;
}

const all = (element: Element, name: string): Element[] =>
  element.children.flatMap((child) => [...(child.name === name ? [child] : []), ...all(child, name)]);
const textOf = (element: Element | undefined, name: string) =>
  element?.children.find((child) => child.name === name)?.text.trim();

interface Entry {
  readonly self: string;
  readonly related: readonly string[];
  readonly content: Element;
}

function entriesOf(xml: string): Entry[] {
  return all(treeOf(xml), "entry").map((entry) => {
    const links = entry.children.filter(({ name }) => name === "link").map(({ attributes }) => attributes);
    return {
      self: links.find(({ rel }) => rel === "self")?.["href"] ?? "",
      related: links.filter(({ rel }) => rel === "related").map(({ href = "" }) => href),
      content: entry.children.find(({ name }) => name === "content")!,
    };
  });
}

const flowOf = (href: string) => /UsagePoint\/([^/]+)\/MeterReading\/([^/]+)/.exec(href)?.slice(1, 3).join("/");
const typeName = (href: string) => /ReadingType\/([^/]+)/.exec(href)?.[1];

/** Why readings of a type are no energy of intervals. */
function leftOutBy(type: Element, service: string | undefined): string | undefined {
  const of = (name: string) => textOf(type, name);
  if ((service ?? "0") !== "0" || of("commodity") === "7" || ["119", "169"].includes(of("uom") ?? "")) return "gas";
  if (of("uom") === "73") return "reactive";
  if (of("accumulationBehaviour") === "1") return "register";
  if (of("accumulationBehaviour") === "3") return "billing";
  return undefined;
}

interface Found {
  readonly input: number;
  readonly from: number;
  readonly to: number;
  readonly energy: bigint;
  readonly rounded: boolean;
}

const DIRECTIONS: Readonly<Record<string, string>> = { "19": "rev", "4": "net" };

/** @param texts of inputs, by their index */
export function greenButton(texts: ReadonlyMap<number, string>, options: Options): Delivered {
  const leftOut: Record<string, number> = {};
  const add = (kind: string, count: number) => {
    if (count > 0) leftOut[kind] = (leftOut[kind] ?? 0) + count;
  };
  const flows = new Map<string, Found[]>();
  let nothing: number | undefined;
  for (const [input, text] of texts) {
    const entries = entriesOf(text);
    const holding = (name: string) => entries.filter(({ content }) => all(content, name).length > 0);
    const types = holding("ReadingType");
    let energies = 0;
    let others = 0;
    for (const block of holding("IntervalBlock")) {
      const readings = all(block.content, "IntervalReading");
      const flow = flowOf(block.self)!;
      const meter = holding("MeterReading").find(({ self }) => flowOf(self) === flow);
      const named = meter?.related.map(typeName).find((name) => name !== undefined);
      const entry = types.find(({ self }) => typeName(self) === named) ?? (types.length === 1 ? types[0] : undefined);
      const type = entry && all(entry.content, "ReadingType")[0]!;
      const usage = holding("UsagePoint").find(({ self }) =>
        new RegExp(`UsagePoint/${flow.split("/")[0]}$`).test(self),
      );
      const service = usage && textOf(all(usage.content, "ServiceCategory")[0], "kind");
      const why = type === undefined ? "no_reading_type" : leftOutBy(type, service);
      if (type === undefined || why !== undefined) {
        add(why ?? "", readings.length);
        others++;
        continue;
      }
      energies++;
      const source = `${flow}/${DIRECTIONS[textOf(type, "flowDirection") ?? "1"] ?? "fwd"}`;
      const found = flows.get(source) ?? [];
      flows.set(source, found);
      let next = Number(textOf(all(block.content, "interval")[0], "start"));
      for (const reading of readings) {
        const period = reading.children.find(({ name }) => name === "timePeriod");
        const from = Number(textOf(period, "start") ?? next);
        const to = from + Number(textOf(period, "duration") ?? textOf(type, "intervalLength"));
        next = to;
        const value = `${textOf(reading, "value")}e${textOf(type, "powerOfTenMultiplier") ?? "0"}`;
        const energy = energyOf(value, "Wh");
        if (typeof energy === "string") throw new Error(`a value that the oracle is not made for: ${value}`);
        found.push({ input, from, to, ...energy });
      }
    }
    if (energies === 0 && others > 0) nothing ??= input;
  }
  const bad: { input: number; line: number }[] = [];
  const readings: Reading[] = [];
  const kinds = new Set<boolean>();
  for (const [source, found] of flows) {
    const isExport = source.endsWith("/rev");
    if (found.length > 0) kinds.add(isExport);
    const single: Found[] = [];
    for (const one of new Map(found.map((each) => [`${each.from} ${each.to}`, each])).values()) {
      const same = found.filter(({ from, to }) => from === one.from && to === one.to);
      if (new Set(same.map(({ energy }) => energy)).size > 1)
        bad.push(...same.map(({ input }) => ({ input, line: 0 })));
      else {
        add("repeated", same.length - 1);
        single.push(one);
      }
    }
    if (isExport && options.export === "skip") {
      add("export", single.length);
      continue;
    }
    for (const one of single) {
      const finer = single.filter((other) => other.to - other.from < one.to - one.from);
      const free = restOf(one, finer);
      if (free.length === 0) add("coarser", 1);
      for (const [from, to] of free) {
        const size = energyUntil(one, to) - energyUntil(one, from);
        const energy = isExport && options.export === "subtract" ? -size : size;
        const covered = { from: BigInt(from) * BILLION, to: BigInt(to) * BILLION, energy, rounded: one.rounded };
        readings.push({
          ...{ source, energy, rounded: one.rounded, instant: from, wall: undefined },
          past: false,
          kind: "once",
          covered,
        });
      }
    }
  }
  return { readings, kinds, bad, leftOut, flags: {}, ...(nothing === undefined ? {} : { nothing }) };
}

const BILLION = 1_000_000_000n;

/** The energy before an instant, cut at the 18th decimal place. */
function energyUntil({ from, to, energy }: Found, instant: number): bigint {
  const size = energy < 0n ? -energy : energy;
  const before = (size * BigInt(instant - from)) / BigInt(to - from);
  return energy < 0n ? -before : before;
}

/** What of an interval none of the others fill. */
function restOf({ from, to }: Found, others: readonly Found[]): (readonly [number, number])[] {
  let free: (readonly [number, number])[] = [[from, to]];
  for (const other of others)
    free = free.flatMap(([start, end]) =>
      (
        [
          [start, Math.min(end, other.from)],
          [Math.max(start, other.to), end],
        ] as const
      ).filter(([a, b]) => a < b),
    );
  return free;
}
