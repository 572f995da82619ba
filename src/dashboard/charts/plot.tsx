/** A uPlot chart as a component: it is made once, and then follows its data and its width without jumping. */
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { decimal } from "../format.js";
import { whenPrinted } from "./paper.js";
import type { Theme } from "./theme.js";

export interface PlotProps {
  /** Made anew when `key` changes; width and height are put in. */
  readonly options: Omit<uPlot.Options, "width" | "height">;
  readonly shape: string;
  readonly data: uPlot.AlignedData;
  readonly height: number;
  /** Given the chart once it is drawn, for pictures. */
  readonly canvas: (canvas: HTMLCanvasElement | undefined) => void;
}

export function Plot({ options, shape, data, height, canvas }: PlotProps) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | undefined>(undefined);

  useLayoutEffect(() => {
    const node = place.current;
    if (node === null) return;
    const made = new uPlot({ ...options, width: node.clientWidth, height }, data, node);
    chart.current = made;
    canvas(made.root.querySelector("canvas") ?? undefined);
    const observer = new ResizeObserver(() => {
      if (node.clientWidth > 0 && node.clientWidth !== made.width) made.setSize({ width: node.clientWidth, height });
    });
    observer.observe(node);
    const stop = whenPrinted((width) => made.setSize({ width: width ?? node.clientWidth, height }));
    return () => {
      observer.disconnect();
      stop();
      made.destroy();
      chart.current = undefined;
      canvas(undefined);
    };
  }, [shape, height]);

  useEffect(() => {
    chart.current?.setData(data);
  }, [data]);

  return <div ref={place} class="plot" style={{ height: `${height}px` }} />;
}

const FONT = "12px system-ui, sans-serif";

/** An axis below: words only. */
export function below({ soft }: Theme): uPlot.Axis {
  return { stroke: soft, grid: { show: false }, ticks: { show: false }, size: 26, font: FONT };
}

/** An axis of values, with a few quiet lines. */
export function beside({ soft, line }: Theme): uPlot.Axis {
  return {
    ...{ stroke: soft, grid: { stroke: line, width: 1 }, ticks: { show: false }, size: 52, font: FONT },
    splits: yTicks,
    values: (_, splits) => splits.map((tick) => decimal(tick)),
  };
}

/** At most four ticks, so that the grid stays quiet. */
function yTicks(_: uPlot, __: number, low: number, high: number): number[] {
  const span = high - low;
  if (!(span > 0)) return [low];
  const rough = span / 3;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * unit).find((size) => size >= rough) ?? rough;
  const ticks: number[] = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high + step / 1e6; tick += step)
    ticks.push(Math.abs(tick) < step / 1e6 ? 0 : tick);
  return ticks;
}

/** The range of values with zero in it, and a little air. */
export function withZero(low: number | null, high: number | null): [number, number] {
  const bottom = Math.min(0, low ?? 0);
  const top = Math.max(0, high ?? 0);
  if (bottom === 0 && top === 0) return [0, 1];
  const air = (top - bottom) * 0.06;
  return [bottom === 0 ? 0 : bottom - air, top === 0 ? 0 : top + air];
}
