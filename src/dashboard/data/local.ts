/** Answers from sums that lie in the page: those of a service with the same readings, as far as these sums show them. */
import { idCell } from "../../base/csv-cell.js";
import { profileDocument } from "../../profile/document.js";
import { type About, DAY_ROWS, type Extract } from "../../profile/extract.js";
import { profileOf } from "../../profile/profile.js";
import { coverageOf, ExtractReader, type SourceTotal } from "../../profile/query.js";
import { ENERGY_TEXT_BYTES, energyText, formatEnergy } from "../../tally/energy.js";
import type { Summary } from "../../tally/summary.js";
import { ADVERBS } from "../../time/resolution.js";
import { numberOf, type Span } from "../days.js";
import {
  type Data,
  type ProfileDocument,
  type Question,
  Refusal,
  type Resolution,
  type Row,
  type SourceEntry,
  type SourcePage,
  type SourceQuality,
} from "./data.js";

/** As a service by default: a longer period than this, and than that of the data, is not answered. */
const LONGEST_DAYS = 3660;
/** Sources on a page. */
const PAGE = 50;
/** Milliseconds of work after which the browser gets a turn. */
const TURN_MS = 25;
/** Parts of a share that are told. */
const SHARES = 1e4;

type SourceQuestion = Question & { bySource?: boolean };

export class Local implements Data {
  private readonly reader: ExtractReader;
  /** The last list of sources, which is asked for page by page. */
  private listed: { readonly key: string; readonly totals: Promise<readonly SourceTotal[]> } | undefined;

  constructor(
    private readonly extract: Extract,
    readonly about: About,
  ) {
    this.reader = new ExtractReader(extract);
  }

  profile = async (question: Question, bars: Span): Promise<ProfileDocument> => {
    const load = this.reader.load(this.checked(question));
    return profileDocument(load, profileOf(load, bars), bars);
  };

  rows = async (question: SourceQuestion, resolution: Resolution, signal?: AbortSignal): Promise<readonly Row[]> => {
    const rows: Row[] = [];
    await this.each(
      question,
      resolution,
      (label, source, kWh, readings, covered) => rows.push({ label, source: source ?? "", kWh, readings, covered }),
      signal,
    );
    return rows;
  };

  /** The bytes of a service's CSV. */
  csv = async (question: SourceQuestion, resolution: Resolution): Promise<Blob> => {
    const id = question.bySource === true ? ",source_id" : "";
    const lines = [`${ADVERBS[resolution]}_timestamp${id},aggregated_kWh_value\n`];
    await this.each(question, resolution, (label, source, kWh) => {
      lines.push(source === undefined ? `${label},${kWh}\n` : `${label},${idCell(source, false)},${kWh}\n`);
    });
    return new Blob(lines, { type: "text/csv; charset=utf-8" });
  };

  /** The largest first. */
  sources = async (
    { prefix, cursor, ...question }: Question & { prefix: string; cursor?: string | undefined },
    signal?: AbortSignal,
  ): Promise<SourcePage> => {
    const key = JSON.stringify([question.from, question.to, prefix]);
    if (this.listed?.key !== key) {
      const totals = this.ranked(question, prefix, signal);
      this.listed = { key, totals };
      // What failed, as by the signal, is worked out again.
      totals.catch(() => {
        if (this.listed?.totals === totals) this.listed = undefined;
      });
    }
    const all = await this.listed.totals;
    const from = Number(cursor ?? 0);
    const to = from + PAGE;
    return { sources: all.slice(from, to).map(entryOf), next: to < all.length ? String(to) : null };
  };

  /** What hours show: which of them have readings, and which rows are negative. */
  quality = async (question: Question, signal?: AbortSignal): Promise<readonly SourceQuality[]> => {
    const found: SourceQuality[] = [];
    const turn = turns(signal);
    const ids = new Set(question.sources);
    for (const id of this.extract.ids) {
      if (ids.size > 0 && !ids.has(id)) continue;
      if (found.length === PAGE) break;
      await turn();
      const { hours, empty, gaps, negative } = coverageOf(
        this.reader.load(this.checked({ ...question, sources: [id] })),
      );
      found.push({
        source_id: id,
        coverage: hours === 0 ? 0 : Math.floor(((hours - empty) * SHARES) / hours) / SHARES,
        gap_count: gaps,
        extra_readings: null,
        negative_quarter_hours: negative,
        interval_minutes: null,
      });
    }
    return found;
  };

  private async ranked(question: Question, prefix: string, signal: AbortSignal | undefined): Promise<SourceTotal[]> {
    const period = this.reader.period(this.checked(question));
    const turn = turns(signal);
    const found: SourceTotal[] = [];
    for (const total of this.reader.totals(period, prefix)) {
      if (total !== undefined) found.push(total);
      await turn();
    }
    // Sorting is stable, so those alike stay in the order of their ids.
    return found.sort((a, b) => (a.energy < b.energy ? 1 : a.energy > b.energy ? -1 : 0));
  }

  /** Calls back for each row, by time, then by source. */
  private async each(
    question: SourceQuestion,
    resolution: Resolution,
    row: (label: string, source: string | undefined, kWh: string, readings: number, covered: boolean) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    const turn = turns(signal);
    const summary = await this.summary(question, resolution, turn);
    const { columns, sources } = summary;
    const series = summary.series(resolution);
    const energy = new Uint32Array(4 * columns);
    const count = new Float64Array(columns);
    const text = new Uint8Array(ENERGY_TEXT_BYTES);
    for (let n = 0; n < series.length; n++) {
      series.sum(n, energy, count);
      const label = series.label(n);
      for (let column = 0; column < columns; column++) {
        const end = formatEnergy(energy, 4 * column, undefined, text, 0);
        const kWh = String.fromCharCode(...text.subarray(0, end));
        row(label, sources?.[column], kWh, Math.floor(count[column]!), count[column] !== 0);
      }
    }
  }

  private async summary(question: SourceQuestion, resolution: Resolution, turn: () => Promise<void>): Promise<Summary> {
    const { extract, reader } = this;
    const bySource = question.bySource === true;
    const asked = this.checked(question);
    if (bySource && asked.sources === undefined && extract.ids.length < extract.sources)
      throw new Refusal(
        "not_all_sources",
        `This page has the sums of ${extract.ids.length} of ${extract.sources} sources only; choose some of them.`,
      );
    const finest = bySource ? extract.sourceRows : reader.finest(asked.sources);
    if (resolution === "15min" && DAY_ROWS[finest] < DAY_ROWS[resolution])
      throw new Refusal("no_quarter_hours", "This page has sums by hour only.");
    if (!bySource) return reader.summary(asked);
    const steps = reader.summaryBySource(asked);
    let step = steps.next();
    for (; !step.done; step = steps.next()) await turn();
    return step.value;
  }

  /** A question in the terms of the extract. @throws Refusal */
  private checked({ timezone, from, to, sources }: Question) {
    const { zone, period } = this.extract;
    if (timezone !== zone.name)
      throw new Refusal("other_zone", `This page has the hours and days of ${zone.name} only.`);
    const first = from === undefined ? undefined : numberOf(from);
    const last = to === undefined ? undefined : numberOf(to);
    const own = period === undefined ? 0 : period.last - period.first + 1;
    const asked = (last ?? period?.last ?? 0) - (first ?? period?.first ?? 0) + 1;
    if (asked > Math.max(own, LONGEST_DAYS))
      throw new Refusal("period_too_long", `${asked} days are more than this page shows; choose fewer.`);
    return { first, last, sources: sources.length === 0 ? undefined : sources };
  }
}

function entryOf({ id, first, last, readings, energy }: SourceTotal): SourceEntry {
  const instant = (second: number) => new Date(second * 1000).toISOString().replace(".000Z", "Z");
  return { source_id: id, first: instant(first), last: instant(last), readings, total_kWh: energyText(energy) };
}

/** A function that gives the browser a turn if much time has passed. @throws the signal's reason */
function turns(signal: AbortSignal | undefined): () => Promise<void> {
  let begun = performance.now();
  return async () => {
    if (performance.now() - begun < TURN_MS) return;
    await new Promise((resolve) => setTimeout(resolve));
    signal?.throwIfAborted();
    begun = performance.now();
  };
}
