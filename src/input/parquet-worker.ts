/**
 * The worker thread of `parquet.ts`: unpacks the rows of a Parquet file into lines of JSON, without losing a digit. It has a
 * limit of memory, so a file that claims to hold more than it does costs itself only.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { parentPort } from "node:worker_threads";
import { type ColumnMetaData, type FileMetaData, parquetMetadataAsync, type SchemaElement } from "hyparquet";
import { ParquetColumn } from "./parquet-column.js";
import type { ParquetBytes } from "./parquet-pages.js";
import { type ColumnText, plainText } from "./parquet-values.js";

/** A path, or the bytes themselves. */
export type ParquetSource = { readonly path: string } | { readonly bytes: ArrayBuffer };

export interface ParquetStep {
  /** Lines of JSON, a row each; none are left if it is absent. */
  readonly block?: Uint8Array<ArrayBuffer>;
  /** Why the file cannot be read. */
  readonly error?: string;
}

/** Bytes of the description at the end of a file: some hundred a column and row group. */
const MOST_FOOTER = 64 * 1024 * 1024;
/** Rows and unpacked bytes of a row group, of which some writers make one page. */
const MOST_ROWS = 16_000_000;
const MOST_BYTES = 1024 * 1024 * 1024;
/** Columns, and values of a row group. */
const MOST_COLUMNS = 10_000;
const MOST_VALUES = 128 * 1024 * 1024;
/** Characters of lines that are handed over at a time. */
const ENOUGH = 512 * 1024;
const SMALLER = "write it with smaller row groups";

const encoder = new TextEncoder();

interface Column {
  readonly element: SchemaElement;
  /** `undefined`: its values are no plain ones. */
  readonly text: ColumnText | undefined;
}

/** What gives one value after another as JSON. */
interface Values {
  next(): string;
}

/** Stands for values that are not plain: where one is wanted, it is bad. */
const NO_TEXT: Values = { next: () => "{}" };

/** The columns of the topmost level. */
function columnsOf({ schema }: FileMetaData): Column[] {
  const columns: Column[] = [];
  if (schema.length > MOST_COLUMNS) throw new Error(`it has more than ${MOST_COLUMNS} columns`);
  for (let at = 1; at < schema.length; at = after(schema, at)) {
    const element = schema[at] as SchemaElement;
    const isNested = element.num_children || element.repetition_type === "REPEATED";
    columns.push({ element, text: isNested ? undefined : plainText(element) });
  }
  return columns;
}

/** The next element of the same level. */
function after(schema: readonly SchemaElement[], at: number): number {
  let next = at + 1;
  for (let left = schema[at]?.num_children ?? 0; left > 0 && next < schema.length; left--) next = after(schema, next);
  return next;
}

async function* lines(file: ParquetBytes): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const end = new DataView(file.slice(Math.max(0, file.byteLength - 8)));
  const mark = Buffer.from(end.buffer).toString("latin1", 4);
  if (mark === "PARE") throw new Error("it is encrypted");
  if (mark !== "PAR1") throw new Error("its end is missing, so it is cut off");
  if (end.getUint32(0, true) > MOST_FOOTER) throw new Error("its description is larger than 64 MiB");
  const metadata = await parquetMetadataAsync(file);
  const columns = columnsOf(metadata);
  if (!columns.some(({ text }) => text !== undefined)) throw new Error("it has no column of plain values");
  const heads = columns.map(({ element }, n) => `${n === 0 ? "{" : ","}${JSON.stringify(element.name)}:`);
  for (const group of metadata.row_groups) {
    const rows = Number(group.num_rows);
    if (!(rows >= 0 && rows <= MOST_ROWS)) throw new Error(`it has a row group of ${rows} rows; ${SMALLER}`);
    if (Number(group.total_byte_size) > MOST_BYTES)
      throw new Error(`it has a row group of more than 1 GiB; ${SMALLER}`);
    if (rows * columns.length > MOST_VALUES)
      throw new Error(`it has a row group of ${rows} rows of ${columns.length} columns; ${SMALLER}, or fewer columns`);
    const chunks = new Map(group.columns.map(({ meta_data: meta }) => [topmostOf(meta), meta]));
    const readers = columns.map(({ element, text }) => {
      if (text === undefined) return NO_TEXT;
      const chunk = chunks.get(element.name);
      if (chunk === undefined) throw new Error(`its column ${JSON.stringify(element.name)} is missing`);
      return new ParquetColumn(file, chunk, element, text, rows);
    });
    let text = "";
    for (let row = 0; row < rows; row++) {
      for (let n = 0; n < columns.length; n++) text += heads[n] + (readers[n] as Values).next();
      text += "}\n";
      if (text.length < ENOUGH) continue;
      yield encoder.encode(text);
      text = "";
    }
    if (text !== "") yield encoder.encode(text);
  }
}

/** The name of the column that a part of a row group belongs to, if it is one of the topmost level. */
function topmostOf(meta: ColumnMetaData | undefined): string | undefined {
  return meta?.path_in_schema.length === 1 ? meta.path_in_schema[0] : undefined;
}

function fileOf(source: ParquetSource): ParquetBytes & { close(): void } {
  if ("bytes" in source) {
    const { bytes } = source;
    return { byteLength: bytes.byteLength, slice: (from, to) => bytes.slice(from, to), close: () => {} };
  }
  const fd = openSync(source.path, "r");
  const { size } = fstatSync(fd);
  return {
    byteLength: size,
    slice(from, to = size) {
      const bytes = new Uint8Array(Math.max(0, Math.min(to, size) - from));
      for (let at = 0; at < bytes.length; ) {
        const read = readSync(fd, bytes, at, bytes.length - at, from + at);
        if (read === 0) throw new Error("it became shorter while it was read");
        at += read;
      }
      return bytes.buffer;
    },
    close: () => closeSync(fd),
  };
}

let file: ReturnType<typeof fileOf> | undefined;
let blocks: AsyncGenerator<Uint8Array<ArrayBuffer>> | undefined;

/** @param source of a file to begin with; without it, the one at hand goes on */
async function next(source: ParquetSource | undefined): Promise<ParquetStep> {
  try {
    if (source !== undefined) {
      file = fileOf(source);
      blocks = lines(file);
    }
    const { done, value } = (await blocks?.next()) ?? { done: true };
    return done === true ? {} : { block: value };
  } catch (error) {
    return { error: reasonOf(error as Error) };
  }
}

/** What the library did not expect, it met as something undefined or out of range, and says so. */
function reasonOf(error: Error): string {
  const unexpected = error instanceof TypeError || error instanceof RangeError;
  if (unexpected || /undefined|NaN|\[object/.test(error.message)) return "its structure is damaged";
  return error.message.replace(/^parquet /, "");
}

parentPort?.on("message", async (source: ParquetSource | undefined) => {
  const step = await next(source);
  if (step.block === undefined) file?.close();
  parentPort?.postMessage(step, step.block === undefined ? [] : [step.block.buffer]);
});
