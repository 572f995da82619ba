/** The colours of charts, from the style sheet: so light and dark are chosen there alone. */
import { useEffect, useState } from "preact/hooks";

export interface Theme {
  readonly ink: string;
  readonly soft: string;
  readonly line: string;
  readonly paper: string;
  readonly accent: string;
  readonly accentSoft: string;
  readonly compare: string;
  readonly gap: string;
  /** The heat map's: from low to high, and for what is below zero. */
  readonly heat: readonly string[];
  readonly cold: readonly string[];
  /** One for each source of a stack. */
  readonly stack: readonly string[];
}

function read(): Theme {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const list = (name: string) => of(name).split(/\s+/);
  return {
    ...{ ink: of("ink"), soft: of("soft"), line: of("line"), paper: of("paper") },
    ...{ accent: of("accent"), accentSoft: of("accent-soft"), compare: of("compare"), gap: of("gap") },
    ...{ heat: list("heat"), cold: list("cold"), stack: list("stack") },
  };
}

/** The present colours; a new value when the system's setting changes, and for paper. */
export function useTheme(): Theme {
  const [theme, set] = useState(read);
  useEffect(() => {
    const queries = ["(prefers-color-scheme: dark)", "print"].map((query) => matchMedia(query));
    const update = () => set(read());
    for (const query of queries) query.addEventListener("change", update);
    return () => {
      for (const query of queries) query.removeEventListener("change", update);
    };
  }, []);
  return theme;
}

/** Diagonal lines: what is missing. */
export function hatch(context: CanvasRenderingContext2D, colour: string): CanvasPattern | string {
  const size = Math.max(6, Math.round(6 * devicePixelRatio));
  const tile = new OffscreenCanvas(size, size);
  const draw = tile.getContext("2d");
  if (draw === null) return colour;
  draw.strokeStyle = colour;
  draw.lineWidth = Math.max(1, devicePixelRatio);
  draw.beginPath();
  for (const shift of [-size, 0, size]) {
    draw.moveTo(shift, size);
    draw.lineTo(shift + size, 0);
  }
  draw.stroke();
  return context.createPattern(tile, "repeat") ?? colour;
}

/** A colour between those of a scale. @param share 0 to 1 */
export function between(scale: readonly string[], share: number): string {
  const at = Math.max(0, Math.min(1, share)) * (scale.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, scale.length - 1);
  const [from, to] = [partsOf(scale[below]!), partsOf(scale[above]!)];
  return `rgb(${from.map((part, n) => Math.round(part + (to[n]! - part) * (at - below))).join(" ")})`;
}

function partsOf(hex: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
}
