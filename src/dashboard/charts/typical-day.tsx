/** The load profile: what power is normal at each hour of the day, on weekdays and at weekends. */
import { useMemo, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import type { ProfileDocument } from "../data/data.js";
import { power } from "../format.js";
import { Frame, type Table } from "./frame.js";
import { below, beside, Plot, withZero } from "./plot.js";
import { useTheme } from "./theme.js";

const HEIGHT = 200;
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
const clock = (hour: number) => `${String(hour).padStart(2, "0")}:00`;

export function TypicalDay({ profile }: { readonly profile: ProfileDocument }) {
  const theme = useTheme();
  const drawn = useRef<HTMLCanvasElement | undefined>(undefined);
  const [hover, setHover] = useState<number>();
  const { weekday, weekend } = profile.typical_day;
  const data = useMemo((): uPlot.AlignedData => {
    const of = (bands: typeof weekday, which: "low_kW" | "median_kW" | "high_kW") => {
      const values = bands.map((band) => band[which]);
      return [...values, values[23] ?? null];
    };
    return [
      [...HOURS, 24],
      ...[of(weekday, "high_kW"), of(weekday, "low_kW"), of(weekday, "median_kW"), of(weekend, "median_kW")],
    ];
  }, [profile]);
  const shape = JSON.stringify(theme);
  const options = useMemo((): Omit<uPlot.Options, "width" | "height"> => {
    const paths = uPlot.paths.stepped!({ align: 1 });
    const quiet = { paths, points: { show: false }, width: 0 } as const;
    return {
      legend: { show: false },
      padding: [8, 16, 0, 0],
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
      scales: { x: { time: false, range: [0, 24] }, y: { range: (_, low, high) => withZero(low, high) } },
      axes: [
        {
          ...below(theme),
          splits: () => [0, 6, 12, 18, 24],
          values: (_, splits) => splits.map(clock),
        },
        beside(theme),
      ],
      bands: [{ series: [1, 2], fill: theme.accentSoft }],
      series: [
        {},
        { ...quiet },
        { ...quiet },
        { ...quiet, width: 2, stroke: theme.accent },
        { ...quiet, width: 1.5, stroke: theme.ink, dash: [4, 3] },
      ],
      hooks: {
        setCursor: [
          (u) => {
            const left = u.cursor.left ?? -1;
            setHover(left < 0 ? undefined : Math.min(23, Math.max(0, Math.floor(u.posToVal(left, "x")))));
          },
        ],
      },
    };
  }, [shape]);
  const day = hover === undefined ? undefined : weekday[hover];
  const readout =
    day === undefined || hover === undefined
      ? undefined
      : `${clock(hover)} · weekday ${power(day.median_kW)} (${power(day.low_kW)} to ${power(day.high_kW)}) · weekend ${power(weekend[hover]?.median_kW)}`;
  const table = (): Table => ({
    head: ["Hour", "Weekday", "10 of 100 days below", "90 of 100 days below", "Weekend"],
    rows: HOURS.map((hour) => [
      clock(hour),
      power(weekday[hour]?.median_kW),
      power(weekday[hour]?.low_kW),
      power(weekday[hour]?.high_kW),
      power(weekend[hour]?.median_kW),
    ]),
  });
  return (
    <Frame
      name="typical"
      title="Typical day"
      unit="kW"
      readout={readout}
      table={table}
      canvas={() => drawn.current}
      legend={
        <ul class="legend">
          <li>
            <i class="accent" />
            weekday (8 of 10)
          </li>
          <li>
            <i class="dashed" />
            weekend
          </li>
        </ul>
      }
    >
      <Plot options={options} shape={shape} data={data} height={HEIGHT} canvas={(canvas) => (drawn.current = canvas)} />
    </Frame>
  );
}
