/** Green Button feeds, written in the ways that utilities write them. */

export const START = 1_704_067_200;

export interface Way {
  readonly prefix: string;
  readonly host: string;
  /** Of the reading types, which may be somewhere else. */
  readonly typeHost: string;
  readonly typesLast: boolean;
  readonly newestFirst: boolean;
  /** Whether readings say when they are. */
  readonly times: boolean;
  /** Whether there are no UsagePoints. */
  readonly noUsage?: boolean;
  /** Whether the links of a UsagePoint come again and again. */
  readonly repeatedLinks?: boolean;
}

export const PLAIN: Way = { prefix: "", host: "", typeHost: "", typesLast: false, newestFirst: false, times: true };

export interface Flow {
  readonly meter: string;
  readonly direction: "1" | "19" | "4";
  readonly multiplier: number;
  readonly length: number;
  readonly values: readonly number[];
  readonly type?: Readonly<Record<string, string>>;
  readonly service?: string;
  /** Epoch second at which its first reading begins. */
  readonly start?: number;
}

export function feed(flows: readonly Flow[], way: Way): string {
  const tag = (name: string, content: string) => {
    const own = way.prefix === "" ? name : `${way.prefix}:${name}`;
    return `<${own}>${content}</${own}>`;
  };
  const entry = (self: string, related: readonly string[], content: string) =>
    `<entry><id>urn:x</id><link rel="self" href="${way.host}${self}"/><link rel="up" href="${way.host}${self.replace(/\/[^/]+$/, "")}"/>${related
      .map((href) => `<link href="${way.host}${href}" rel="related"/>`)
      .join("")}<content>${content}</content></entry>\n`;
  const entries: string[] = [];
  const types: string[] = [];
  for (const [
    n,
    { meter, direction, multiplier, length, values, type = {}, service = "0", start = START },
  ] of flows.entries()) {
    const usage = `User/1/UsagePoint/${meter}`;
    const self = `${usage}/MeterReading/${n}`;
    const usageLinks = way.repeatedLinks === true ? [self, self, `${self}/`] : [self];
    if (way.noUsage !== true)
      entries.push(entry(usage, usageLinks, tag("UsagePoint", tag("ServiceCategory", tag("kind", service)))));
    entries.push(entry(self, [`${self}/IntervalBlock`, `ReadingType/${n}`], tag("MeterReading", "")));
    const says = {
      ...{
        accumulationBehaviour: "4",
        commodity: "1",
        flowDirection: direction,
        intervalLength: `${length}`,
        uom: "72",
      },
      ...{ powerOfTenMultiplier: `${multiplier}`, ...type },
    };
    const members = Object.entries(says).map(([name, text]) => tag(name, text));
    types.push(entry(`${way.typeHost}ReadingType/${n}`, [], tag("ReadingType", members.join(""))));
    const readings = values.map((value, k) => {
      const time = tag("timePeriod", tag("duration", `${length}`) + tag("start", `${start + k * length}`));
      return tag("IntervalReading", (way.times ? time : "") + tag("value", `${value}`));
    });
    if (way.newestFirst && way.times) readings.reverse();
    const interval = tag("interval", tag("duration", `${values.length * length}`) + tag("start", `${start}`));
    entries.push(entry(`${self}/IntervalBlock/1`, [], tag("IntervalBlock", interval + readings.join("\n"))));
  }
  const all = way.typesLast ? [...entries, ...types] : [...types, ...entries];
  return `<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n${all.join("")}</feed>\n`;
}
