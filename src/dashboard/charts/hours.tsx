/** The hours or quarter hours of the chosen days: what was measured as steps, what is missing as a hole with a hatch. */
import { useMemo, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import type { Row } from "../data/data.js";
import type { Days } from "../days.js";
import { amount, day, days as daysText, exact, moment, product, type Scale, shifted, unitFor } from "../format.js";
import { Frame, type Table } from "./frame.js";
import { below, beside, Plot, withZero } from "./plot.js";
import { hatch, type Theme, useTheme } from "./theme.js";

interface HoursProps {
  readonly days: Days;
  readonly timezone: string;
  /** Rows of all sources, ascending. */
  readonly rows: readonly Row[];
  /** Minutes of a row. */
  readonly minutes: 15 | 60;
  /** By source, for a stack; none: one for all. */
  readonly layers: readonly { readonly name: string; readonly rows: readonly Row[] }[];
  readonly scale: Scale;
  readonly zoom: (days: Days) => void;
  readonly csv: () => Promise<Blob>;
}

const HEIGHT = 200;
const SECONDS = 1000;

export function Hours({ days, timezone, rows, minutes, layers, scale, zoom, csv }: HoursProps) {
  const theme = useTheme();
  const [hover, setHover] = useState<number>();
  const drawn = useRef<HTMLCanvasElement | undefined>(undefined);
  const now = useRef({ rows, zoom, theme });
  now.current = { rows, zoom, theme };
  const [unit, power] = unitFor(
    Math.max(0, ...rows.map(({ kWh }) => Math.abs(Number(product(kWh, scale.factor))))),
    scale,
  );
  const value = ({ kWh, covered }: Row) => (!covered ? null : Number(shifted(product(kWh, scale.factor), -power)));
  const data = useMemo((): uPlot.AlignedData => {
    const x = rows.map(({ label }) => Date.parse(label) / SECONDS);
    // The last step ends where its hour does.
    const ended = (values: (number | null)[]) => [...values, values[values.length - 1] ?? null];
    const end = (x[x.length - 1] ?? 0) + minutes * 60;
    if (layers.length === 0) return [[...x, end], ended(rows.map(value))];
    const sums = new Map<string, number>();
    const steps = layers
      .map(({ rows: own }) => {
        const values = new Map(own.map((row) => [row.label, value(row)]));
        return ended(
          rows.map(({ label }) => {
            const one = values.get(label);
            if (one === undefined || one === null) return sums.get(label) ?? null;
            const sum = (sums.get(label) ?? 0) + one;
            sums.set(label, sum);
            return sum;
          }),
        );
      })
      .reverse();
    return [[...x, end], ...steps];
  }, [rows, layers, scale.factor, power]);
  const shape = [timezone, layers.length, minutes, unit, JSON.stringify(theme)].join();
  const options = useMemo(() => optionsOf(now, layers.length, timezone, setHover, theme), [shape]);
  const row = hover === undefined ? undefined : rows[hover];
  const readout =
    row === undefined
      ? undefined
      : `${moment(row.label)} · ${!row.covered ? "no reading" : `${amount(row.kWh, scale)} · ${readingsOf(row)}`}`;
  const table = (): Table => ({
    head: [minutes === 15 ? "Quarter hour" : "Hour", "Energy", "Readings"],
    rows: rows.map(({ label, kWh, readings, covered }) => [
      label,
      covered ? exact(kWh) : "no reading",
      String(readings),
    ]),
  });
  return (
    <Frame
      name="hours"
      title={`${minutes === 15 ? "Quarter hours" : "Hours"} · ${days.from === days.to ? day(days.from, "long") : daysText(days)}`}
      unit={`${unit} per ${minutes === 15 ? "quarter hour" : "hour"}`}
      readout={readout}
      table={table}
      canvas={() => drawn.current}
      csv={csv}
    >
      <Plot options={options} shape={shape} data={data} height={HEIGHT} canvas={(canvas) => (drawn.current = canvas)} />
    </Frame>
  );
}

function readingsOf({ readings }: Row): string {
  if (readings === 0) return "part of a longer reading";
  return readings === 1 ? "1 reading" : `${readings} readings`;
}

interface Now {
  readonly current: { rows: readonly Row[]; zoom: (days: Days) => void; theme: Theme };
}

function optionsOf(
  now: Now,
  layers: number,
  timezone: string,
  setHover: (row: number | undefined) => void,
  theme: Theme,
): Omit<uPlot.Options, "width" | "height"> {
  const fills =
    layers === 0
      ? [theme.accent]
      : Array.from({ length: layers }, (_, n) => theme.stack[(layers - 1 - n) % theme.stack.length]!);
  const paths = uPlot.paths.stepped!({ align: 1 });
  const zoned = (second: number) => uPlot.tzDate(new Date(second * SECONDS), timezone);
  const localDay = (second: number) => {
    const date = zoned(second);
    return [date.getFullYear(), date.getMonth() + 1, date.getDate()]
      .map((part) => String(part).padStart(2, "0"))
      .join("-");
  };
  return {
    legend: { show: false },
    padding: [8, 22, 0, 0],
    cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false } },
    tzDate: zoned,
    scales: { x: { time: true }, y: { range: (_, low, high) => withZero(low, high) } },
    axes: [
      {
        ...below(theme),
        space: 62,
        // One at the very end would be cut.
        values: (u, splits) =>
          timeTicks(splits, zoned).map((text, n) => (splits[n]! < u.scales["x"]!.max! ? text : "")),
      },
      beside(theme),
    ],
    series: [
      {},
      ...fills.map(
        (fill): uPlot.Series => ({
          paths,
          stroke: fill,
          fill: layers === 0 ? theme.accentSoft : fill,
          width: 1.5,
          points: { show: false },
          spanGaps: false,
        }),
      ),
    ],
    hooks: {
      draw: [(u) => drawGaps(u, now)],
      setCursor: [(u) => setHover(u.cursor.left === undefined || u.cursor.left < 0 ? undefined : stepAt(u))],
      setSelect: [
        (u) => {
          const { left, width } = u.select;
          u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          if (width < 4) return;
          const from = localDay(u.posToVal(left, "x"));
          const to = localDay(u.posToVal(left + width, "x") - 1);
          if (from <= to) now.current.zoom({ from, to });
        },
      ],
    },
  };
}

/** The step under the pointer, not the nearest begin of one. */
function stepAt(u: uPlot): number | undefined {
  const x = u.data[0];
  const at = u.posToVal(u.cursor.left ?? -1, "x");
  let low = 0;
  let high = x.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (x[middle]! <= at) low = middle;
    else high = middle - 1;
  }
  return low >= x.length - 1 ? undefined : low;
}

/** Hours; the date where a day begins. */
function timeTicks(splits: readonly number[], zoned: (second: number) => Date): string[] {
  let shown = "";
  return splits.map((second) => {
    const date = zoned(second);
    const name = date.toLocaleDateString(navigator.language, { day: "numeric", month: "short" });
    const midnight = date.getHours() === 0 && date.getMinutes() === 0;
    if (midnight && name !== shown) {
      shown = name;
      return name;
    }
    return date.toLocaleTimeString(navigator.language, { hour: "numeric", minute: "2-digit" });
  });
}

function drawGaps(u: uPlot, now: Now): void {
  const { rows, theme } = now.current;
  const { ctx, bbox } = u;
  const x = u.data[0];
  ctx.save();
  ctx.fillStyle = hatch(ctx, theme.gap);
  for (let row = 0; row < rows.length; ) {
    if (rows[row]!.covered) {
      row++;
      continue;
    }
    const from = row;
    while (row < rows.length && !rows[row]!.covered) row++;
    const left = u.valToPos(x[from]!, "x", true);
    ctx.fillRect(left, bbox.top, Math.max(1, u.valToPos(x[row]!, "x", true) - left), bbox.height);
  }
  ctx.restore();
}
