/** The ledger: every batch that came in, and a way to take one back. */
import { useRef, useState } from "preact/hooks";
import type { Batch } from "../data/data.js";
import type { Service } from "../data/service.js";
import { amount, counted, day, dayIn, received, type Scale, visible, whole } from "../format.js";

interface LedgerProps {
  readonly service: Service;
  readonly batches: readonly Batch[];
  readonly more: boolean;
  readonly showMore: () => void;
  readonly scale: Scale;
  readonly timezone: string;
  readonly changed: () => void;
}

const STATES = { counts: "counts", retracted: "taken back", replaced: "replaced" } as const;

export function Ledger({ service, batches, more, showMore, scale, timezone, changed }: LedgerProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [asked, ask] = useState<Batch>();
  const [failed, fail] = useState<string>();
  const [busy, setBusy] = useState(false);
  const open = (batch: Batch) => {
    fail(undefined);
    ask(batch);
    dialog.current?.showModal();
  };
  const retract = async () => {
    if (asked === undefined) return;
    setBusy(true);
    try {
      await service.retract(asked.batch_id);
      dialog.current?.close();
      changed();
    } catch (error) {
      fail((error as Error).message);
    } finally {
      setBusy(false);
    }
  };
  if (batches.length === 0) return null;
  // Somebody else may have ended it since the question came.
  const gone =
    asked !== undefined && batches.some(({ batch_id: id, state }) => id === asked.batch_id && state !== "counts");
  return (
    <section class="ledger" aria-label="Batches">
      <h2>What came in</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse must be able to scroll it */}
      <section class="table" tabIndex={0} aria-label="Table of batches">
        <table>
          <thead>
            <tr>
              <th scope="col">Received</th>
              <th scope="col">From</th>
              <th scope="col" class="number">
                Readings
              </th>
              <th scope="col" class="number">
                {scale.noun}
              </th>
              <th scope="col">Days</th>
              <th scope="col">State</th>
              <th scope="col">
                <span class="away">Take back</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {batches.map((batch) => (
              <tr key={batch.batch_id} class={batch.state === "counts" ? "" : "ended"}>
                <td>{received(batch.received)}</td>
                <td>{nameOf(batch)}</td>
                <td class="number">
                  {whole(batch.readings)}
                  {batch.rejected === 0 ? undefined : <span class="error"> {whole(batch.rejected)} rejected</span>}
                </td>
                <td class="number">{amount(batch.total_kWh, scale)}</td>
                <td>{daysOf(batch, timezone)}</td>
                <td>{STATES[batch.state]}</td>
                <td>
                  {batch.state === "counts" ? (
                    <button
                      type="button"
                      onClick={() => open(batch)}
                      aria-label={`Take back the batch ${nameOf(batch)} of ${received(batch.received)}`}
                    >
                      Take back
                    </button>
                  ) : undefined}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {more ? (
        <button type="button" onClick={showMore}>
          More batches
        </button>
      ) : undefined}
      <dialog ref={dialog} aria-labelledby="take-back" onKeyDown={(event) => event.stopPropagation()}>
        <h2 id="take-back">Take this batch back?</h2>
        {asked === undefined ? undefined : (
          <p>
            {counted(asked.readings, "reading")}, {amount(asked.total_kWh, scale)}, received {received(asked.received)}.
            All sums are as if it had never come. The ledger still names it; to have it again, send it again.
          </p>
        )}
        {gone ? <p class="error">It has been taken back or replaced meanwhile.</p> : undefined}
        {failed === undefined ? undefined : <p class="error">{failed}</p>}
        <div class="actions">
          <button type="button" onClick={() => dialog.current?.close()}>
            Keep it
          </button>
          <button type="button" class="danger" disabled={busy || gone} onClick={() => void retract()}>
            Take back
          </button>
        </div>
      </dialog>
    </section>
  );
}

function nameOf({ file, sender, batch_id: id }: Batch): string {
  return visible(file?.split("/").pop() ?? sender ?? id);
}

function daysOf({ first, last }: Batch, timezone: string): string {
  if (first === null || last === null) return "–";
  const [from, to] = [day(dayIn(first, timezone)), day(dayIn(last, timezone))];
  return from === to ? from : `${from} – ${to}`;
}
