/** Why the interval of a record is bad. */
import { type Message, option, say } from "../base/message.js";
import { StampReader } from "../time/stamp-reader.js";
import { instantOf } from "../time/zone.js";
import type { Context } from "./context.js";
import { explainTimestamp } from "./explain-timestamp.js";
import { Kind, TIMESTAMP } from "./fields.js";

const HOUR = 3600;
const DAY = 86_400;
/** Hours that a day may have, and values for each. */
const USUAL = 24;
const HOURS = [USUAL, USUAL + 1, USUAL - 1];
const PER_HOUR = [1, 2, 4, 6, 12, 30, 60];

/** The field of the interval that is missing, or the first one. */
export function intervalField({ fields }: Context): number {
  const all = [...fields.ends, ...(fields.duration < 0 ? [] : [fields.duration])];
  return all.find((f) => fields.kind[f] === Kind.absent) ?? all[0] ?? TIMESTAMP;
}

/** Why an interval is bad. @param excerpt of a field's value @param textOf its text, if it has one */
export function intervalMessage(
  context: Context,
  excerpt: (context: Context, field: number) => string,
  textOf: (context: Context, field: number) => string | undefined,
): Message {
  const { fields, plan } = context;
  if (fields.isDay) {
    const told = `${plan.timestampField} ${excerpt(context, TIMESTAMP)}`;
    const otherDay = dayMessage(context, textOf(context, TIMESTAMP));
    if (otherDay !== undefined) return say`${told}: ${otherDay}`;
    const columns = `${fields.values.length} ${fields.values.length === 1 ? "column" : "columns"}`;
    return `${told}: ${columns} of values are not those of this day: it is given by its date or its 00:00, has 1, 2, 4, 6, 12, 30 or 60 values for each of its 23, 24 or 25 hours, and columns past them are empty`;
  }
  if (fields.duration >= 0)
    return `${fields.names[fields.duration]} ${excerpt(context, fields.duration)}: not the length of an interval of up to 400 days; write it as a number, 00:15, 00:15:00 or PT15M`;
  if (fields.ends.length === 0) return `${plan.timestampField} ${excerpt(context, TIMESTAMP)}: the interval is empty`;
  const of = (all: readonly number[]) => all.map((f) => `${fields.names[f]} ${excerpt(context, f)}`).join(", ");
  const start = of(fields.time >= 0 ? [TIMESTAMP, fields.time] : [TIMESTAMP]);
  const texts = fields.ends.map((f) => textOf(context, f));
  const told = of(fields.ends);
  if (texts.includes(undefined)) return `${told}: not a timestamp`;
  if (!context.validator.isEnd(texts.join(" ")))
    return say`${told}: ${explainTimestamp(texts.join(" "), { ...plan, timeField: undefined }, [])}`;
  return `${told}: the interval that begins with ${start} ends before it begins, is empty, or is longer than 400 days`;
}

/** What is likely where a row has the values of a longer or shorter day; `undefined` where it does not. */
function dayMessage({ fields, plan }: Context, date = ""): Message | undefined {
  let count = fields.values.length;
  while (count > 0 && fields.isEmpty(count - 1)) count--;
  const hours = HOURS.find((hours) => PER_HOUR.some((per) => hours * per === count));
  const zone = plan.interval?.inputZone;
  const bytes = Buffer.from(date);
  const stamp = { wall: 0, fraction: false, nanos: 0, offset: 0 };
  if (hours === undefined || zone === undefined) return undefined;
  if (!new StampReader(plan.timestampFormat, true).read(bytes, 0, bytes.length, stamp) || stamp.wall % DAY !== 0)
    return undefined;
  const seconds = instantOf(zone, stamp.wall + DAY).instant - instantOf(zone, stamp.wall).instant;
  if (seconds === hours * HOUR) return undefined;
  const has = `its ${count} values are those of ${hours} hours, and in ${zone.name} this day has ${seconds / HOUR}`;
  if (hours === USUAL)
    return say`${has}; if the clocks of these days do not change, say whose they are, as ${option("inputTimezone", "UTC")}`;
  const wrong = "is the date wrong, or are there values, such as 0, past those of the day? Columns past them are empty";
  return seconds === USUAL * HOUR
    ? say`${has}; if it is the day of a clock change elsewhere, say whose clocks these are with ${option("inputTimezone")}; if not, ${wrong}`
    : `${has}: ${wrong}`;
}
