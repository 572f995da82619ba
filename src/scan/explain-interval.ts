/** Why the interval of a record is bad. */
import { type Message, say } from "../base/message.js";
import type { Context } from "./context.js";
import { explainTimestamp } from "./explain-timestamp.js";
import { Kind, TIMESTAMP } from "./fields.js";

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
    const columns = `${fields.values.length} ${fields.values.length === 1 ? "column" : "columns"}`;
    return `${plan.timestampField} ${excerpt(context, TIMESTAMP)}: ${columns} of values are not those of this day: it is given by its date or its 00:00, has 1, 2, 4, 6, 12, 30 or 60 values for each of its 23, 24 or 25 hours, and columns past them are empty`;
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
