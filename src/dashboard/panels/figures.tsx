/** The figures: how much, how even, how high, and how sure. Each says on demand how it is worked out. */
import { useState } from "preact/hooks";
import type { ProfileDocument } from "../data/data.js";
import { amount, exact, hoursLong, momentsOf, percent, power, type Scale, shifted, whole } from "../format.js";

interface FiguresProps {
  readonly profile: ProfileDocument;
  readonly before: ProfileDocument | undefined;
  readonly beforeName: string;
  readonly scale: Scale;
  readonly jump: (label: string) => void;
}

interface Figure {
  readonly id: string;
  readonly value: string;
  readonly label: string;
  readonly explains: string;
  /** A label of time that the figure is about. */
  readonly when?: string | undefined;
}

export function Figures({ profile, before, beforeName, scale, jump }: FiguresProps) {
  const [open, setOpen] = useState<string>();
  const figures = figuresOf(profile, scale);
  const change = before === undefined ? undefined : changeOf(profile, before);
  return (
    <section class="figures" aria-label="Figures">
      {figures.map(({ id, value, label, explains, when }, n) => (
        <div class={n === 0 ? "figure first" : "figure"} key={id} data-testid={`figure-${id}`}>
          <strong>{value}</strong>
          <span class="label">
            {when === undefined ? (
              label
            ) : (
              <button type="button" class="plain" onClick={() => jump(when)}>
                {label}
              </button>
            )}
            {n === 0 && change !== undefined ? (
              <em class="change" data-testid="change">
                {change.arrow} {change.text} {beforeName}
              </em>
            ) : undefined}
          </span>
          <button
            type="button"
            class="explain"
            aria-expanded={open === id}
            aria-label={`What ${label} means`}
            title={explains}
            onClick={() => setOpen(open === id ? undefined : id)}
          >
            ?
          </button>
          {open === id ? <p class="explained">{explains}</p> : undefined}
        </div>
      ))}
    </section>
  );
}

function figuresOf(profile: ProfileDocument, scale: Scale): Figure[] {
  const { total_kWh: total, days_with_readings: days, peak, hours, hours_without_readings: empty, gaps } = profile;
  const average = days === 0 ? undefined : String(quotient(total, days));
  const moment = momentsOf(profile);
  const minutes = peak?.minutes === 15 ? "quarter hour" : "hour";
  return [
    {
      id: "total",
      value: amount(total, scale),
      label: `total ${scale.noun}`,
      explains: `The exact sum of all readings in the period: ${exact(total)}. It is the sum of the CSV's rows.${scale.factor === "1" ? "" : ` Each kWh is counted as ${scale.factor}.`}`,
    },
    {
      id: "average",
      value: average === undefined ? "–" : amount(average, scale),
      label: "average day",
      explains: `The total divided by the ${whole(days)} days that have readings${days < profile.days ? `; ${whole(profile.days - days)} days have none` : ""}.`,
    },
    {
      id: "peak",
      value: power(peak?.kW),
      label: peak === null ? "peak" : `peak, ${moment(peak.start)}`,
      explains:
        peak === null
          ? "There are no readings."
          : `The highest mean power of a ${minutes}: ${exact(peak.kWh)} came in the ${minutes} from ${moment(peak.start)}.`,
      when: peak?.start,
    },
    {
      id: "base",
      value: power(profile.base_load_kW),
      label: "base load",
      explains: "The power that is reached or exceeded in 95 of 100 hours with readings: what runs day and night.",
    },
    {
      id: "missing",
      value: hours === 0 ? "–" : percent(empty / hours),
      label: empty === 0 ? "missing" : gapsText(gaps),
      explains: `${whole(empty)} of ${whole(hours)} hours have no reading from any of the sources. They count as 0 in all sums.`,
      when: gaps.longest?.from,
    },
  ];
}

function gapsText({ count, longest }: ProfileDocument["gaps"]): string {
  if (count === 1) return `missing, 1 gap of ${hoursLong(longest?.hours ?? 0)}`;
  return `missing, ${whole(count)} gaps, up to ${hoursLong(longest?.hours ?? 0)}`;
}

/** To a millionth of a kWh: for looking at. */
function quotient(total: string, days: number): string {
  const [whole = "0"] = shifted(total, 6).split(".");
  return shifted(String(BigInt(whole) / BigInt(days)), -6);
}

function changeOf(
  { total_kWh: total }: ProfileDocument,
  { total_kWh: other, days_with_readings: days }: ProfileDocument,
) {
  if (days === 0) return { arrow: "", text: "no readings in the" };
  const from = Number(other);
  if (from === 0) return { arrow: "", text: "0 kWh in the" };
  const share = (Number(total) - from) / Math.abs(from);
  const arrow = share > 0 ? "▲" : share < 0 ? "▼" : "=";
  return { arrow, text: `${percent(Math.abs(share))} on the` };
}
