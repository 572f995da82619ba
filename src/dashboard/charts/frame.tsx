/** What is around every chart: its title, a line that says what is under the pointer, its table, its picture, its CSV. */
import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import { save } from "../save.js";

export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

interface FrameProps {
  readonly name: string;
  readonly title: string;
  /** What values are: with their unit. */
  readonly unit: string;
  readonly readout: string | undefined;
  readonly table: () => Table;
  readonly canvas: () => HTMLCanvasElement | undefined;
  readonly csv?: (() => Promise<Blob>) | undefined;
  readonly legend?: ComponentChildren;
  /** Whether what is inside says itself what it is, and takes keys. */
  readonly interactive?: boolean;
  readonly children: ComponentChildren;
}

export function Frame({
  name,
  title,
  unit,
  readout,
  table,
  canvas,
  csv,
  legend,
  interactive = false,
  children,
}: FrameProps) {
  const [shown, show] = useState(false);
  const [failed, fail] = useState<string>();
  const heading = useId();
  const picture = () => {
    const drawn = canvas();
    if (drawn === undefined) return;
    onPaper(drawn).toBlob((blob) => {
      if (blob !== null) save(blob, `electro-${name}.png`);
    });
  };
  const download = async () => {
    try {
      if (csv !== undefined) save(await csv(), `electro-${name}.csv`);
      fail(undefined);
    } catch (error) {
      fail((error as Error).message);
    }
  };
  return (
    <section class={`chart chart-${name}`} aria-labelledby={heading}>
      <header>
        <h2 id={heading}>{title}</h2>
        <span class="unit">{unit}</span>
        {legend}
        <p class="readout" data-testid={`${name}-readout`}>
          {readout ?? ""}
        </p>
        <div class="tools">
          <button type="button" aria-expanded={shown} onClick={() => show(!shown)}>
            {shown ? "Chart" : "Table"}
          </button>
          {shown ? undefined : (
            <button type="button" onClick={picture} aria-label={`Save ${title} as a picture`}>
              Picture
            </button>
          )}
          {csv === undefined ? undefined : (
            <button type="button" onClick={() => void download()} aria-label={`Save ${title} as CSV`}>
              CSV
            </button>
          )}
        </div>
      </header>
      {failed === undefined ? undefined : <p class="error">{failed}</p>}
      <div
        class={shown ? "hidden" : ""}
        {...(!interactive && { role: "img", "aria-label": `${title}, ${unit}. The button Table shows its numbers.` })}
      >
        {children}
      </div>
      {shown ? <TableOf title={title} {...table()} /> : undefined}
    </section>
  );
}

function TableOf({ title, head, rows }: Table & { title: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse must be able to scroll it
    <section class="table" tabIndex={0} aria-label={`Table of ${title}`}>
      <table>
        <thead>
          <tr>
            {head.map((cell) => (
              <th key={cell} scope="col">
                {cell}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row[0]}>
              {row.map((cell, n) => (
                <td key={head[n]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** A chart is transparent: a picture of it is to be read anywhere. */
function onPaper(drawn: HTMLCanvasElement): HTMLCanvasElement {
  const copy = document.createElement("canvas");
  copy.width = drawn.width;
  copy.height = drawn.height;
  const context = copy.getContext("2d");
  if (context === null) return drawn;
  context.fillStyle = getComputedStyle(document.documentElement).getPropertyValue("--paper").trim();
  context.fillRect(0, 0, copy.width, copy.height);
  context.drawImage(drawn, 0, 0);
  return copy;
}
