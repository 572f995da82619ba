/** The view of the page's address. */
import { useCallback, useEffect, useState } from "preact/hooks";
import { addressOf, type View, viewOf } from "./view.js";

export function useView(): [View, (change: Partial<View>) => void] {
  const [view, set] = useState(() => viewOf(location.hash.slice(1)));
  useEffect(() => {
    const update = () => set(viewOf(location.hash.slice(1)));
    addEventListener("hashchange", update);
    return () => removeEventListener("hashchange", update);
  }, []);
  const change = useCallback((part: Partial<View>) => {
    const next = { ...viewOf(location.hash.slice(1)), ...part };
    location.hash = addressOf(next);
    set(next);
  }, []);
  return [view, change];
}
