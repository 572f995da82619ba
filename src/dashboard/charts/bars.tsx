/** The period in bars: days, weeks, months or years, with what came before as a thin line, and gaps hatched. */
import { useMemo, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import type { ProfileDocument } from "../data/data.js";
import type { Days, Span } from "../days.js";
import { amount, barLabel, exact, percent, product, type Scale, shifted, tick, unitFor, visible } from "../format.js";
import { Frame, type Table } from "./frame.js";
import { below, beside, Plot, withZero } from "./plot.js";
import { hatch, type Theme, useTheme } from "./theme.js";

type Bar = ProfileDocument["bars"][number];

export interface Layer {
  readonly name: string;
  readonly bars: readonly Bar[];
}

interface BarsProps {
  readonly profile: ProfileDocument;
  /** The bars of the period before, or of the year before. */
  readonly before: ProfileDocument | undefined;
  readonly beforeName: string;
  /** The sources that are stacked; none: one bar for all. */
  readonly layers: readonly Layer[];
  readonly scale: Scale;
  /** Days that are chosen. */
  readonly chosen: Days | undefined;
  readonly pick: (days: Days) => void;
  readonly zoom: (days: Days) => void;
  readonly csv: () => Promise<Blob>;
}

const HEIGHT = 240;
const TITLES: Readonly<Record<Span, string>> = { day: "Days", week: "Weeks", month: "Months", year: "Years" };
const MIN_TICK = 58;
/** Pixels from which on a press is a drag, not a click. */
const DRAG = 4;

export function Bars({ profile, before, beforeName, layers, scale, chosen, pick, zoom, csv }: BarsProps) {
  const theme = useTheme();
  const width = profile.bar;
  const { bars } = profile;
  const [hover, setHover] = useState<number>();
  const drawn = useRef<HTMLCanvasElement | undefined>(undefined);
  /** What the chart's hooks need of the latest data. */
  const now = useRef({ bars, chosen, pick, zoom, theme, width });
  now.current = { bars, chosen, pick, zoom, theme, width };

  const [unit, power] = unitFor(
    Math.max(0, ...bars.map(({ kWh }) => Math.abs(Number(product(kWh, scale.factor))))),
    scale,
  );
  const value = (kWh: string) => Number(shifted(product(kWh, scale.factor), -power));
  const data = useMemo((): uPlot.AlignedData => {
    const x = bars.map((_, n) => n);
    const line = bars.map((_, n) => {
      const bar = before?.bars[n];
      return bar === undefined || bar.hours_without_readings === bar.hours ? null : value(bar.kWh);
    });
    const heights = layers.length === 0 ? [bars.map(({ kWh }) => value(kWh))] : stacked(layers, bars, value);
    return [x, ...heights, line];
  }, [bars, before, layers, scale.factor, power]);

  const count = Math.max(1, layers.length);
  const shape = [bars.length, count, width, unit, JSON.stringify(theme)].join();
  const options = useMemo(() => optionsOf(now, count, bars.length, setHover, theme, layers.length > 0), [shape]);

  const bar = hover === undefined ? undefined : bars[hover];
  const readout = bar === undefined ? undefined : readoutOf(bar, profile, before?.bars[hover ?? -1], scale, beforeName);
  const table = (): Table => ({
    head: [TITLES[width].replace(/s$/, ""), "Energy", "Readings", "Hours without readings"],
    rows: bars.map(({ label, kWh, readings, hours, hours_without_readings: empty }) => [
      ...[barLabel(label, width), exact(kWh), String(readings), `${empty} of ${hours}`],
    ]),
  });
  return (
    <Frame
      name="bars"
      title={TITLES[width]}
      unit={`${unit} per ${width}`}
      readout={readout}
      table={table}
      canvas={() => drawn.current}
      csv={csv}
      legend={
        <Legend
          layers={layers}
          theme={theme}
          before={before === undefined ? undefined : beforeName}
          gaps={bars.some(({ hours_without_readings: empty }) => empty > 0)}
        />
      }
    >
      <Plot options={options} shape={shape} data={data} height={HEIGHT} canvas={(canvas) => (drawn.current = canvas)} />
    </Frame>
  );
}

function readoutOf(
  bar: Bar,
  { bar: width, total_kWh }: ProfileDocument,
  other: Bar | undefined,
  scale: Scale,
  name: string,
) {
  const total = Number(total_kWh);
  const share = total > 0 && Number(bar.kWh) >= 0 ? ` · ${percent(Number(bar.kWh) / total)}` : "";
  const empty = bar.hours_without_readings;
  const missing =
    empty === 0 ? "" : empty === bar.hours ? " · no readings" : ` · ${empty} of ${bar.hours} hours without readings`;
  const before =
    other === undefined || other.hours_without_readings === other.hours ? "" : ` · ${name} ${amount(other.kWh, scale)}`;
  return `${barLabel(bar.label, width)} · ${amount(bar.kWh, scale)}${share}${missing}${before}`;
}

function stacked(layers: readonly Layer[], bars: readonly Bar[], value: (kWh: string) => number): number[][] {
  const sums = bars.map(() => 0);
  // The topmost first, so that those below it are drawn over it.
  return layers
    .map(({ bars: own }) => {
      bars.forEach((_, n) => {
        sums[n]! += value(own[n]?.kWh ?? "0");
      });
      return [...sums];
    })
    .reverse();
}

function Legend(props: { layers: readonly Layer[]; theme: Theme; before: string | undefined; gaps: boolean }) {
  const { layers, theme, before, gaps } = props;
  return (
    <ul class="legend">
      {layers.map(({ name }, n) => (
        <li key={name}>
          <i style={{ background: theme.stack[n % theme.stack.length]! }} />
          {name === "" ? "(without a source)" : visible(name)}
        </li>
      ))}
      {before === undefined ? undefined : (
        <li>
          <i class="line" />
          {before}
        </li>
      )}
      {gaps ? (
        <li>
          <i class="gaps" />
          hours without readings
        </li>
      ) : undefined}
    </ul>
  );
}

interface Now {
  readonly current: {
    bars: readonly Bar[];
    chosen: Days | undefined;
    pick: (days: Days) => void;
    zoom: (days: Days) => void;
    theme: Theme;
    width: Span;
  };
}

function optionsOf(
  now: Now,
  count: number,
  length: number,
  setHover: (bar: number | undefined) => void,
  theme: Theme,
  isStack: boolean,
): Omit<uPlot.Options, "width" | "height"> {
  const fills = isStack
    ? Array.from({ length: count }, (_, n) => theme.stack[(count - 1 - n) % theme.stack.length]!)
    : [theme.accent];
  const paths = uPlot.paths.bars!({ size: [0.82, 64], radius: 0 });
  const range = (u: uPlot): [number, number] | undefined => {
    const { left, width } = u.select;
    if (width < DRAG) return undefined;
    const from = Math.max(0, Math.ceil(u.posToVal(left, "x") - 0.5));
    const to = Math.min(length - 1, Math.floor(u.posToVal(left + width, "x") + 0.5));
    return [Math.min(from, to), to];
  };
  return {
    legend: { show: false },
    padding: [8, 16, 0, 0],
    cursor: {
      y: false,
      points: { show: false },
      // Clicks are heard below, also after a drag.
      drag: { x: true, y: false, setScale: false, click: () => {} },
    },
    scales: { x: { time: false, range: [-0.5, length - 0.5] }, y: { range: (_, low, high) => withZero(low, high) } },
    axes: [
      {
        ...below(theme),
        splits: (u) => {
          const step = Math.max(1, Math.ceil((length * MIN_TICK) / Math.max(1, u.bbox.width / devicePixelRatio)));
          return Array.from({ length: Math.ceil(length / step) }, (_, n) => n * step);
        },
        values: (_, splits) => {
          const { bars, width } = now.current;
          return splits.map((at, n) => {
            const bar = bars[at];
            return bar === undefined ? "" : tick(bar.label, width, n === 0 ? undefined : bars[splits[n - 1]!]?.label);
          });
        },
      },
      beside(theme),
    ],
    series: [
      {},
      ...fills.map((fill): uPlot.Series => ({ paths, fill, stroke: fill, width: 0, points: { show: false } })),
      { stroke: theme.compare, width: 1.5, points: { show: false } },
    ],
    hooks: {
      ready: [(u) => listenToClicks(u, now)],
      drawAxes: [(u) => drawChosen(u, now)],
      draw: [(u) => drawGaps(u, now)],
      setCursor: [
        (u) => setHover(u.cursor.left === undefined || u.cursor.left < 0 ? undefined : (u.cursor.idx ?? undefined)),
      ],
      setSelect: [
        (u) => {
          const found = range(u);
          u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          const { bars, zoom } = now.current;
          if (found !== undefined) zoom({ from: bars[found[0]]!.from, to: bars[found[1]]!.to });
        },
      ],
    },
  };
}

/** A click without a drag chooses the bar. */
function listenToClicks(u: uPlot, now: Now): void {
  let pressed = 0;
  u.over.addEventListener("mousedown", ({ clientX }) => {
    pressed = clientX;
  });
  u.over.addEventListener("click", ({ clientX, offsetX }) => {
    const { bars, pick } = now.current;
    const bar = bars[u.posToIdx(offsetX)];
    if (bar !== undefined && Math.abs(clientX - pressed) < DRAG) pick({ from: bar.from, to: bar.to });
  });
}

/** A band behind the bars of the chosen days. */
function drawChosen(u: uPlot, now: Now): void {
  const { bars, chosen, theme } = now.current;
  if (chosen === undefined) return;
  const first = bars.findIndex(({ to }) => to >= chosen.from);
  const last = bars.findLastIndex(({ from }) => from <= chosen.to);
  if (first < 0 || last < first) return;
  const left = u.valToPos(first - 0.5, "x", true);
  const right = u.valToPos(last + 0.5, "x", true);
  u.ctx.fillStyle = theme.accentSoft;
  u.ctx.fillRect(left, u.bbox.top, right - left, u.bbox.height);
}

/** Hatching over the bars of which hours are missing: as much of the chart's height, from above, as hours are missing. */
function drawGaps(u: uPlot, now: Now): void {
  const { bars, theme } = now.current;
  const { ctx, bbox } = u;
  ctx.save();
  ctx.fillStyle = hatch(ctx, theme.gap);
  const wide = u.valToPos(1, "x", true) - u.valToPos(0, "x", true);
  bars.forEach(({ hours, hours_without_readings: empty }, n) => {
    if (empty === 0) return;
    const middle = u.valToPos(n, "x", true);
    const half = Math.max(1, Math.min(wide * 0.41, 32 * devicePixelRatio));
    const high = Math.max(8 * devicePixelRatio, (bbox.height * empty) / hours);
    ctx.fillRect(middle - half, bbox.top + bbox.height - high, 2 * half, high);
  });
  ctx.restore();
}
