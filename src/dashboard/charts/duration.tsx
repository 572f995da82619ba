/** The duration curve: for what share of the time a power is reached. */
import { useMemo, useRef, useState } from "preact/hooks";
import type uPlot from "uplot";
import type { ProfileDocument } from "../data/data.js";
import { power } from "../format.js";
import { Frame } from "./frame.js";
import { below, beside, Plot, withZero } from "./plot.js";
import { useTheme } from "./theme.js";

const HEIGHT = 200;

export function Duration({ profile: { duration_kW: curve } }: { readonly profile: ProfileDocument }) {
  const theme = useTheme();
  const drawn = useRef<HTMLCanvasElement | undefined>(undefined);
  const [hover, setHover] = useState<number>();
  const data = useMemo((): uPlot.AlignedData => [curve.map((_, n) => n), [...curve]], [curve]);
  const shape = JSON.stringify(theme);
  const options = useMemo((): Omit<uPlot.Options, "width" | "height"> => {
    return {
      legend: { show: false },
      padding: [8, 22, 0, 0],
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
      scales: { x: { time: false, range: [0, 100] }, y: { range: (_, low, high) => withZero(low, high) } },
      axes: [
        {
          ...below(theme),
          splits: () => [0, 25, 50, 75, 100],
          values: (_, splits) => splits.map((share) => `${share} %`),
        },
        beside(theme),
      ],
      series: [{}, { stroke: theme.accent, fill: theme.accentSoft, width: 1.5, points: { show: false } }],
      hooks: {
        setCursor: [(u) => setHover((u.cursor.left ?? -1) < 0 ? undefined : (u.cursor.idx ?? undefined))],
      },
    };
  }, [shape]);
  return (
    <Frame
      name="duration"
      title="Duration curve"
      unit="kW, by share of the hours"
      readout={hover === undefined ? undefined : `${power(curve[hover])} or more in ${hover} of 100 hours`}
      table={() => ({
        head: ["Share of the hours", "Power reached"],
        rows: curve.map((kW, share) => [`${share} %`, power(kW)]),
      })}
      canvas={() => drawn.current}
    >
      <Plot options={options} shape={shape} data={data} height={HEIGHT} canvas={(canvas) => (drawn.current = canvas)} />
    </Frame>
  );
}
