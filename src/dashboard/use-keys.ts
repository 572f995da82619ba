/** What keys do anywhere on the page. */
import { useEffect } from "preact/hooks";
import { type Days, earlier, moved, spanAround } from "./days.js";
import type { View } from "./view.js";

export function useKeys(
  period: Days | undefined,
  extent: Days | undefined,
  view: View,
  change: (part: Partial<View>) => void,
): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName)) return;
      if (period === undefined || extent === undefined) return;
      const clear = { dayFrom: undefined, dayTo: undefined };
      const span = ({ d: "day", w: "week", m: "month", y: "year" } as const)[event.key];
      if (span !== undefined) change({ ...spanAround(earlier(period.to, extent.to), span), ...clear });
      else if (event.key === "a") change({ ...extent, ...clear });
      else if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
        const step = event.key === "ArrowRight" ? 1 : -1;
        if (view.dayFrom !== undefined && view.dayTo !== undefined) {
          const days = moved({ from: view.dayFrom, to: view.dayTo }, step);
          if (days.from >= period.from && days.to <= period.to) change({ dayFrom: days.from, dayTo: days.to });
        } else change({ ...moved(period, step), ...clear });
      } else if (event.key === "Escape" && location.hash.length > 1) history.back();
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  });
}
