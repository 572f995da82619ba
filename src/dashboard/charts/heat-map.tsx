/** The heat map: every hour of the day (down) of every day (across). Shifts, holidays and faults show at a glance. */
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { ProfileDocument } from "../data/data.js";
import { type Days, plus } from "../days.js";
import { day, power, tick } from "../format.js";
import { Frame, type Table } from "./frame.js";
import { whenPrinted } from "./paper.js";
import { between, hatch, type Theme, useTheme } from "./theme.js";

const HEIGHT = 200;
const LEFT = 52;
/** As much as the other charts leave for the last label. */
const RIGHT = 16;
const BOTTOM = 24;
const TOP = 4;
const HOURS = 24;
const MIN_TICK = 58;
const clock = (hour: number) => `${String(hour).padStart(2, "0")}:00`;

interface Place {
  readonly column: number;
  readonly hour: number;
}

export function HeatMap({ profile, pick }: { profile: ProfileDocument; pick: (days: Days) => void }) {
  const theme = useTheme();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [wide, setWide] = useState(0);
  const [place, setPlace] = useState<Place>();
  const { days, kW, days_per_column: width } = profile.heat_map;
  const range = useMemo(() => rangeOf(kW), [kW]);

  useLayoutEffect(() => {
    const node = canvas.current?.parentElement;
    if (node === null || node === undefined) return;
    const observer = new ResizeObserver(() => setWide(node.clientWidth));
    observer.observe(node);
    setWide(node.clientWidth);
    const stop = whenPrinted((width) => setWide(width ?? node.clientWidth));
    return () => {
      observer.disconnect();
      stop();
    };
  }, []);
  useLayoutEffect(() => {
    if (canvas.current !== null && wide > 0) draw(canvas.current, wide, profile.heat_map, range, theme, place);
  }, [profile, wide, theme, place]);

  const daysOf = (column: number): Days => {
    const from = days[column] as string;
    const last = plus(from, width - 1);
    return { from, to: last > (profile.to ?? last) ? (profile.to as string) : last };
  };
  const at = ({ offsetX, offsetY }: MouseEvent): Place | undefined => {
    const column = Math.floor(((offsetX - LEFT) / (wide - LEFT - RIGHT)) * days.length);
    const hour = Math.floor(((offsetY - TOP) / (HEIGHT - BOTTOM - TOP)) * HOURS);
    return column >= 0 && column < days.length && hour >= 0 && hour < HOURS ? { column, hour } : undefined;
  };
  const move = (event: KeyboardEvent) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (event.key === "Enter" && place !== undefined) {
      event.preventDefault();
      pick(daysOf(place.column));
    }
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const { column, hour } = place ?? { column: 0, hour: 0 };
    setPlace({
      column: Math.max(0, Math.min(days.length - 1, column + step[0]!)),
      hour: Math.max(0, Math.min(HOURS - 1, hour + step[1]!)),
    });
  };
  const powerAt = ({ column, hour }: Place) => kW[column]?.[hour];
  const wordsOf = (value: number | false | null | undefined) =>
    value === false ? "skipped by the clock" : value === null || value === undefined ? "no reading" : power(value);
  const readout =
    place === undefined || days[place.column] === undefined
      ? undefined
      : `${day(days[place.column]!, "long")}${width > 1 ? ` and ${width - 1} more days` : ""}, ${clock(place.hour)} · ${wordsOf(powerAt(place))}`;
  const table = (): Table => ({
    head: [width > 1 ? `${width} days from` : "Day", ...Array.from({ length: HOURS }, (_, hour) => clock(hour))],
    rows: days.map((label, column) => [label, ...(kW[column] ?? []).map((value) => wordsOf(value))]),
  });
  return (
    <Frame
      name="heat"
      title="Every hour"
      unit="kW, by hour of the day"
      readout={readout}
      table={table}
      canvas={() => canvas.current ?? undefined}
      interactive
      legend={
        <ul class="legend">
          <li>
            <Scale colors={theme.heat} />
            low to high
          </li>
          {range.low < 0 ? (
            <li>
              <Scale colors={theme.cold} />
              less than zero
            </li>
          ) : undefined}
          {range.missing ? (
            <li>
              <i class="gaps" aria-hidden="true" />
              no reading
            </li>
          ) : undefined}
        </ul>
      }
    >
      <button
        type="button"
        class="plot cells"
        style={{ height: `${HEIGHT}px` }}
        aria-label="Every hour. Arrow keys move from cell to cell, Enter shows the day."
        onKeyDown={move}
      >
        <canvas
          ref={canvas}
          onMouseMove={(event) => setPlace(at(event))}
          onMouseLeave={() => setPlace(undefined)}
          onClick={(event) => {
            const found = at(event);
            if (found !== undefined) pick(daysOf(found.column));
          }}
        />
      </button>
    </Frame>
  );
}

function Scale({ colors }: { colors: readonly string[] }) {
  return <span class="scale" aria-hidden="true" style={{ background: `linear-gradient(90deg, ${colors.join()})` }} />;
}

interface Range {
  /** The lowest power, at most 0. */
  readonly low: number;
  /** The highest power, at least 0. */
  readonly high: number;
  /** Whether hours have no reading. */
  readonly missing: boolean;
}

function rangeOf(kW: ProfileDocument["heat_map"]["kW"]): Range {
  let [low, high, missing] = [0, 0, false];
  for (const column of kW)
    for (const value of column) {
      if (value === null) missing = true;
      if (typeof value !== "number") continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  return { low, high, missing };
}

function draw(
  canvas: HTMLCanvasElement,
  wide: number,
  { days, kW }: ProfileDocument["heat_map"],
  { low, high }: Range,
  theme: Theme,
  place: Place | undefined,
) {
  const ratio = devicePixelRatio;
  canvas.width = Math.round(wide * ratio);
  canvas.height = Math.round(HEIGHT * ratio);
  canvas.style.width = `${wide}px`;
  canvas.style.height = `${HEIGHT}px`;
  const context = canvas.getContext("2d");
  if (context === null) return;
  const missing = hatch(context, theme.gap);
  const left = (column: number) =>
    Math.round((LEFT + ((wide - LEFT - RIGHT) * column) / Math.max(1, days.length)) * ratio);
  const top = (hour: number) => Math.round((TOP + ((HEIGHT - BOTTOM - TOP) * hour) / HOURS) * ratio);
  kW.forEach((column, x) => {
    column.forEach((value, hour) => {
      if (value === false) return;
      context.fillStyle =
        value === null
          ? missing
          : value < 0
            ? between(theme.cold, low === 0 ? 0 : value / low)
            : between(theme.heat, high === 0 ? 0 : value / high);
      context.fillRect(left(x), top(hour), left(x + 1) - left(x), top(hour + 1) - top(hour));
    });
  });
  if (place !== undefined) {
    context.strokeStyle = theme.ink;
    context.lineWidth = 2 * ratio;
    const [x, y] = [left(place.column), top(place.hour)];
    context.strokeRect(x, y, left(place.column + 1) - x, top(place.hour + 1) - y);
  }
  context.fillStyle = theme.soft;
  context.font = `${12 * ratio}px system-ui, sans-serif`;
  context.textBaseline = "middle";
  context.textAlign = "right";
  for (const hour of [0, 6, 12, 18]) context.fillText(clock(hour), (LEFT - 8) * ratio, top(hour) + 7 * ratio);
  context.textAlign = "left";
  context.textBaseline = "alphabetic";
  const step = Math.max(1, Math.ceil((days.length * MIN_TICK) / Math.max(1, wide - LEFT - RIGHT)));
  for (let column = 0; column < days.length; column += step) {
    const text = tick(days[column]!, "day", column === 0 ? undefined : days[column - step]);
    if (left(column) + context.measureText(text).width <= canvas.width)
      context.fillText(text, left(column), (HEIGHT - 6) * ratio);
  }
}
