/** A service's answers, over `/v1`. */
import type { Span } from "../days.js";
import {
  type Batch,
  type Data,
  type ProfileDocument,
  type Question,
  type Receipt,
  Refusal,
  type Resolution,
  type Row,
  type SourcePage,
  type SourceQuality,
} from "./data.js";

const PATHS: Readonly<Record<Resolution, string>> = {
  ...{ "15min": "quarter-hourly", hour: "hourly", day: "daily" },
  ...{ week: "weekly", month: "monthly", year: "yearly" },
};
const TOKEN = "electro-token";
/** Ids of a question about many sources: more would not fit an address. */
const MOST_ASKED = 50;

type Values = Readonly<Record<string, string | readonly string[] | undefined>>;

export class Service implements Data {
  readonly about = undefined;

  /** Kept for the session of this tab only. */
  get token(): string | undefined {
    return sessionStorage.getItem(TOKEN) ?? undefined;
  }

  set token(token: string | undefined) {
    if (token === undefined) sessionStorage.removeItem(TOKEN);
    else sessionStorage.setItem(TOKEN, token);
  }

  profile = async (question: Question, bars: Span, signal?: AbortSignal): Promise<ProfileDocument> =>
    (await this.get("profile", { ...valuesOf(question), bars }, signal)).json();

  rows = async (
    { bySource, ...question }: Question & { bySource?: boolean },
    resolution: Resolution,
    signal?: AbortSignal,
  ): Promise<readonly Row[]> => {
    const values = { ...(bySource === true ? valuesBySource(question) : valuesOf(question)), with_counts: "true" };
    const { rows } = await (await this.get(PATHS[resolution], values, signal)).json();
    return rows.map((row: Record<string, string | number | boolean>): Row => {
      const [label] = Object.values(row);
      return {
        label: String(label),
        source: String(row["source_id"] ?? ""),
        kWh: String(row["aggregated_kWh_value"]),
        readings: Number(row["reading_count"]),
        covered: row["covered"] === true,
      };
    });
  };

  csv = async ({ bySource, ...question }: Question & { bySource?: boolean }, resolution: Resolution): Promise<Blob> => {
    const values = bySource === true ? valuesBySource(question) : valuesOf(question);
    return (await this.get(PATHS[resolution], values, undefined, "text/csv")).blob();
  };

  sources = async (
    { prefix, cursor, ...question }: Question & { prefix: string; cursor?: string | undefined },
    signal?: AbortSignal,
  ): Promise<SourcePage> => {
    const { from, to, timezone } = question;
    const common = { order: "total", limit: String(MOST_ASKED), prefix: prefix === "" ? undefined : prefix, cursor };
    return (await this.get("sources", { ...common, from, to, timezone }, signal)).json();
  };

  quality = async (question: Question, signal?: AbortSignal): Promise<readonly SourceQuality[]> => {
    const values = { ...valuesOf({ ...question, export: undefined }), limit: String(MOST_ASKED), max_findings: "0" };
    return (await (await this.get("quality", values, signal)).json()).sources;
  };

  batches = async (
    cursor: string | undefined,
    signal?: AbortSignal,
  ): Promise<{ batches: Batch[]; next: string | null }> =>
    (await this.get("batches", { limit: "20", cursor }, signal)).json();

  retract = async (id: string): Promise<void> => {
    await this.ask(`v1/batches/${encodeURIComponent(id)}`, { method: "DELETE" });
  };

  /** The version of the store that was heard of last. */
  private version: string | undefined;

  /** Calls back whenever the store has changed, also while nobody listened, until the signal aborts or the connection breaks. */
  changes = async (changed: () => void, signal: AbortSignal): Promise<never> => {
    const { body } = await this.ask("v1/events", { signal, headers: { accept: "text/event-stream" } });
    const reader = body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (;;) {
      const { value, done } = await reader.read().catch(() => ({ value: "", done: true }));
      if (done) throw unreachable();
      text += value;
      const events = text.split("\n\n");
      text = events.pop() ?? "";
      // Each begins with what it is, and has the version of the store as its id; the first is no change in itself.
      const versions = events.map((event) => /^id: ?(.*)$/m.exec(event)?.[1]).filter((id) => id !== undefined);
      const last = versions.at(-1);
      if (last === undefined || last === this.version) continue;
      if (this.version !== undefined || versions.length > 1) changed();
      this.version = last;
    }
  };

  /**
   * Sends a file, and tells how far that is.
   * @param values query parameters
   */
  send(
    path: "readings" | "aggregate",
    file: File,
    values: Values,
    { key, progress, signal }: { key?: string; progress: (share: number) => void; signal: AbortSignal },
  ): Promise<Receipt & { rows?: readonly Record<string, string | number>[] }> {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("POST", `v1/${path}?${queryOf(values)}`);
      request.setRequestHeader("content-type", typeOf(file.name));
      const encoding = encodingOf(file.name);
      if (encoding !== undefined) request.setRequestHeader("content-encoding", encoding);
      request.setRequestHeader("accept", "application/json");
      if (key !== undefined) request.setRequestHeader("idempotency-key", key);
      if (this.token !== undefined) request.setRequestHeader("authorization", `Bearer ${this.token}`);
      request.upload.onprogress = ({ loaded, total }) => progress(total === 0 ? 1 : loaded / total);
      request.onload = () => {
        if (request.status < 300) resolve(JSON.parse(request.responseText));
        else reject(refusalOf(request.responseText, request.status));
      };
      request.onerror = () => reject(unreachable());
      request.onabort = () => reject(new DOMException("aborted", "AbortError"));
      signal.addEventListener("abort", () => request.abort());
      request.send(file);
    });
  }

  private get(path: string, values: Values, signal?: AbortSignal, accept = "application/json"): Promise<Response> {
    return this.ask(`v1/${path}?${queryOf(values)}`, { signal: signal ?? null, headers: { accept } });
  }

  private async ask(address: string, { headers, ...init }: RequestInit): Promise<Response> {
    const { token } = this;
    let response: Response;
    try {
      response = await fetch(address, {
        ...init,
        headers: {
          ...(headers as Record<string, string>),
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
      });
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") throw error;
      throw unreachable();
    }
    if (!response.ok) throw refusalOf(await response.text(), response.status);
    return response;
  }
}

function valuesOf({ from, to, timezone, sources, export: rule }: Question): Values {
  return { from, to, timezone, source: sources, export: sources.length === 1 ? undefined : rule };
}

/** The same, where each source has rows of its own. */
function valuesBySource(question: Question): Values {
  return { ...valuesOf({ ...question, export: undefined }), by: "source" };
}

function queryOf(values: Values): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) for (const one of [value ?? []].flat()) query.append(name, one);
  return query.toString();
}

function unreachable(): Refusal {
  return new Refusal("unreachable", "The service does not answer. Is it running? The page tries again by itself.");
}

/** From a problem document (RFC 9457). */
function refusalOf(text: string, status: number): Refusal {
  try {
    const { code, type, detail, title, records } = JSON.parse(text);
    const name = String(
      code ??
        String(type ?? "")
          .split(/[#/]/)
          .pop(),
    );
    return new Refusal(name, sentence(String(detail ?? title)), Array.isArray(records) ? records : []);
  } catch {
    return new Refusal(String(status), `The service answered with the status ${status}.`);
  }
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
}

/** By the ending of a file's name, without those of compression. */
function typeOf(name: string): string {
  const [ending = ""] =
    name
      .toLowerCase()
      .replace(/\.(gz|zst)$/, "")
      .match(/\.\w+$/) ?? [];
  if (ending === ".csv" || ending === ".tsv") return "text/csv";
  if (ending === ".json") return "application/json";
  if (ending === ".ndjson" || ending === ".jsonl") return "application/x-ndjson";
  return "text/plain";
}

function encodingOf(name: string): string | undefined {
  return /\.gz$/i.test(name) ? "gzip" : /\.zst$/i.test(name) ? "zstd" : undefined;
}
