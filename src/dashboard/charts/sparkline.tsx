/** A small line without axes: the course of a source. */

const WIDE = 96;
const HIGH = 24;

/** @param values in order of time; `null`: no reading */
export function Sparkline({ values, label }: { values: readonly (number | null)[]; label: string }) {
  const known = values.filter((value) => value !== null);
  const top = Math.max(0, ...known);
  const bottom = Math.min(0, ...known);
  const x = (n: number) => (values.length < 2 ? WIDE / 2 : (n * WIDE) / (values.length - 1));
  const y = (value: number) => HIGH - 1 - ((value - bottom) / (top - bottom || 1)) * (HIGH - 2);
  let path = "";
  let pen = false;
  values.forEach((value, n) => {
    if (value !== null) path += `${pen ? "L" : "M"}${x(n).toFixed(1)} ${y(value).toFixed(1)}`;
    pen = value !== null;
  });
  return (
    <svg class="sparkline" viewBox={`0 0 ${WIDE} ${HIGH}`} width={WIDE} height={HIGH} role="img" aria-label={label}>
      <path
        d={path}
        fill="none"
        stroke="currentColor"
        stroke-width="1.5"
        stroke-linejoin="round"
        stroke-linecap="round"
      />
    </svg>
  );
}
