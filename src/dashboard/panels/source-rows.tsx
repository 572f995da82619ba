/** Rows of the table of sources: what was asked for at once, whose courses and coverage come a moment later. */
import { Sparkline } from "../charts/sparkline.js";
import type { Data, Question, SourceEntry } from "../data/data.js";
import type { Span } from "../days.js";
import { amount, day, dayIn, percent, type Scale, visible } from "../format.js";
import { useAsk } from "../use-ask.js";

interface SourceRowsProps {
  readonly data: Data;
  readonly question: Question;
  readonly version: number;
  readonly entries: readonly SourceEntry[];
  /** The length of the period. */
  readonly days: number;
  /** Energy in kWh that the sources have a share of; `undefined`: shares say nothing. */
  readonly total: number | undefined;
  readonly scale: Scale;
  readonly chosen: ReadonlySet<string>;
  readonly toggle: (id: string) => void;
}

export const nameOf = (id: string) => (id === "" ? "(without a source)" : visible(id));

export function SourceRows({ data, question, version, entries, days, total, scale, chosen, toggle }: SourceRowsProps) {
  const sources = entries.map(({ source_id: id }) => id);
  const among = { ...question, sources };
  const detail = useAsk(
    sources.length === 0
      ? undefined
      : async (signal) => {
          const [rows, quality] = await Promise.all([
            data.rows({ ...among, bySource: true }, courseWidth(days), signal),
            data.quality(among, signal),
          ]);
          const courses = new Map<string, (number | null)[]>();
          for (const { source, kWh, covered } of rows) {
            const course = courses.get(source) ?? [];
            courses.set(source, course);
            course.push(covered ? Number(kWh) : null);
          }
          return { courses, quality: new Map(quality.map((one) => [one.source_id, one])) };
        },
    JSON.stringify([among.from, among.to, among.timezone, version, sources]),
  );
  return (
    <>
      {entries.map(({ source_id: id, total_kWh: kWh, last }) => {
        const quality = detail.value?.quality.get(id);
        const course = detail.value?.courses.get(id);
        return (
          <tr key={id} class={chosen.has(id) ? "chosen" : ""}>
            <th scope="row">
              <button type="button" class="plain" aria-pressed={chosen.has(id)} onClick={() => toggle(id)}>
                {nameOf(id)}
              </button>
            </th>
            <td class="number">{amount(kWh, scale)}</td>
            <td class="number">{total === undefined ? "" : percent(Number(kWh) / total)}</td>
            <td>
              {course === undefined ? undefined : <Sparkline values={course} label={`Course of ${nameOf(id)}`} />}
            </td>
            <td class="number">
              {quality === undefined || quality.coverage === null ? "–" : percent(quality.coverage)}
            </td>
            <td>{day(dayIn(last, question.timezone))}</td>
          </tr>
        );
      })}
    </>
  );
}

/** About as many points as a sparkline can draw. */
function courseWidth(days: number): Span {
  return days <= 120 ? "day" : days <= 900 ? "week" : "month";
}
