/** Files that are dropped on the page or chosen: first what they hold and what is wrong with it, then, if wanted, into the store. */
import { useEffect, useRef, useState } from "preact/hooks";
import { type BadRecord, type Receipt, Refusal } from "../data/data.js";
import type { Service } from "../data/service.js";
import { amount, counted, day, dayIn, type Scale, visible } from "../format.js";

interface UploadProps {
  readonly service: Service;
  readonly scale: Scale;
  readonly timezone: string;
  readonly changed: () => void;
  readonly look: (file: File) => Promise<void>;
}

type Step = "checking" | "checked" | "sending" | "sent" | "refused";

interface Item {
  readonly file: File;
  readonly step: Step;
  readonly progress: number;
  readonly receipt?: Receipt | undefined;
  readonly refusal?: Refusal | undefined;
  /** Whether bad records are set aside. */
  readonly skip: boolean;
}

export function Upload({ service, scale, timezone, changed, look }: UploadProps) {
  const [items, setItems] = useState<readonly Item[]>([]);
  const [over, setOver] = useState(false);
  const [failed, fail] = useState<string>();
  const stop = useRef(new AbortController());
  useEffect(() => () => stop.current.abort(), []);
  const update = (file: File, part: Partial<Item>) =>
    setItems((all) => all.map((item) => (item.file === file ? { ...item, ...part } : item)));

  const send = async (file: File, dry: boolean, skip: boolean) => {
    update(file, { step: dry ? "checking" : "sending", skip, refusal: undefined });
    const values = { on_error: skip ? "skip" : undefined, dry_run: dry ? "true" : undefined };
    try {
      const key = dry ? undefined : await keyOf(file, skip);
      const receipt = await service.send("readings", file, values, {
        ...(key !== undefined && { key }),
        progress: (progress) => update(file, { progress }),
        signal: stop.current.signal,
      });
      update(file, { step: dry ? "checked" : "sent", receipt });
      if (!dry) changed();
    } catch (error) {
      if (error instanceof Refusal) update(file, { step: "refused", refusal: error });
    }
  };
  const take = (files: readonly File[]) => {
    fail(undefined);
    setItems((all) => [
      ...all.filter(({ file }) => !files.includes(file)),
      ...files.map((file): Item => ({ file, step: "checking", progress: 0, skip: false })),
    ]);
    void (async () => {
      // One after another: each may be large.
      for (const file of files) await send(file, true, false);
    })();
  };
  const show = async (file: File) => {
    try {
      await look(file);
    } catch (error) {
      fail((error as Error).message);
    }
  };

  useEffect(() => {
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") === true;
    const drag = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(false);
      take([...(event.dataTransfer?.files ?? [])]);
    };
    addEventListener("dragover", drag);
    addEventListener("dragleave", leave);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("dragover", drag);
      removeEventListener("dragleave", leave);
      removeEventListener("drop", drop);
    };
  });

  return (
    <section class={over ? "upload over" : "upload"} aria-label="Add readings">
      <p>
        <label class="button">
          Choose files
          <input
            type="file"
            multiple
            class="away"
            onChange={(event) => {
              take([...(event.currentTarget.files ?? [])]);
              event.currentTarget.value = "";
            }}
          />
        </label>{" "}
        <span class="quiet">
          or drop them anywhere on this page: JSON, NDJSON or CSV, also compressed. Nothing is kept before you say so.
        </span>
      </p>
      {failed === undefined ? undefined : <p class="error">{failed}</p>}
      <ul class="files" aria-live="polite">
        {items.map((item) => (
          <li key={`${item.file.name} ${item.file.lastModified} ${item.file.size}`}>
            <FileItem
              item={item}
              scale={scale}
              timezone={timezone}
              add={() => void send(item.file, false, item.skip)}
              skip={() => void send(item.file, true, true)}
              look={() => void show(item.file)}
              drop={() => setItems((all) => all.filter(({ file }) => file !== item.file))}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}

interface FileItemProps {
  readonly item: Item;
  readonly scale: Scale;
  readonly timezone: string;
  readonly add: () => void;
  readonly skip: () => void;
  readonly look: () => void;
  readonly drop: () => void;
}

function FileItem({ item, scale, timezone, add, skip, look, drop }: FileItemProps) {
  const { file, step, progress, receipt, refusal } = item;
  const canWrite = refusal?.code !== "missing_scope";
  const rejects = refusal?.rejects.length ? refusal.rejects : (receipt?.rejects ?? []);
  return (
    <article>
      <header>
        <strong>{visible(file.name)}</strong>
        {step === "checking" || step === "sending" ? (
          <progress
            max={1}
            value={progress}
            aria-label={step === "sending" ? `Adding ${file.name}` : `Checking ${file.name}`}
          />
        ) : undefined}
        <button type="button" class="plain" onClick={drop} aria-label={`Leave out ${file.name}`}>
          ×
        </button>
      </header>
      {receipt !== undefined && refusal === undefined ? (
        <p>
          {step === "sent" ? "Added: " : ""}
          {counted(receipt.readings, "reading")} of {counted(receipt.sources, "source")},{" "}
          {amount(receipt.total_kWh, scale)}
          {receipt.first !== null && receipt.last !== null
            ? `, ${day(dayIn(receipt.first, timezone))} to ${day(dayIn(receipt.last, timezone))}`
            : ""}
          {receipt.rejected > 0 ? `; ${counted(receipt.rejected, "bad record")} set aside` : ""}
        </p>
      ) : undefined}
      {refusal === undefined ? undefined : (
        <p class="error">
          {canWrite ? refusal.message : "Your token may not add readings. You can look at the file without keeping it."}
        </p>
      )}
      {step === "sent" || receipt === undefined ? undefined : (
        <ul class="warnings">
          {receipt.warnings.map(({ code, message }) => (
            <li key={code}>
              <i class="warning" aria-hidden="true" />
              {message}
            </li>
          ))}
        </ul>
      )}
      <Rejects rejects={rejects} />
      <div class="actions">
        {step === "checked" ? (
          <button type="button" class="main" onClick={add}>
            Add to the store
          </button>
        ) : undefined}
        {step === "refused" && refusal?.code === "bad_records" && !item.skip ? (
          <button type="button" onClick={skip}>
            Set bad records aside
          </button>
        ) : undefined}
        {step === "checked" || (step === "refused" && !canWrite) ? (
          <button type="button" onClick={look}>
            Only look at it
          </button>
        ) : undefined}
      </div>
    </article>
  );
}

function Rejects({ rejects }: { rejects: readonly BadRecord[] }) {
  if (rejects.length === 0) return null;
  return (
    <ol class="rejects">
      {rejects.map(({ record, message }) => (
        <li key={record}>{message}</li>
      ))}
    </ol>
  );
}

/** The same file is the same batch, so that adding it twice counts it once. Where the browser cannot hash, there is no key. */
async function keyOf(file: File, skip: boolean): Promise<string | undefined> {
  if (crypto.subtle === undefined) return undefined;
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  return `dashboard-${skip ? "skip-" : ""}${Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
