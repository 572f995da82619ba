/**
 * A summary as Parquet: the rows of the CSV files, with energy as DECIMAL(38,18), ids as they are, and the instant at which
 * each row begins. Rows are encoded a group at a time, so that memory does not grow with them. The same rows give the same
 * bytes.
 */
import { ByteWriter, type ColumnSource, ParquetWriter, type SchemaElement } from "hyparquet-writer";
import { roundEnergy } from "../tally/energy.js";
import type { Series, Summary } from "../tally/summary.js";
import { isShort } from "../time/resolution.js";
import { type CsvOptions, type Table, timestampName } from "./csv.js";

/** Rows of a row group: some ten milliseconds' work. */
const GROUP = 32_768;
/** Cells that are added up at a time for a row longer than a day: a few milliseconds' work. */
const LONG_CELLS = 1 << 18;
const ENERGY_BYTES = 16;
const MICROSECONDS = 1_000_000;
const NOTHING = new Uint8Array(0);

const TEXT = { type: "BYTE_ARRAY", converted_type: "UTF8", logical_type: { type: "STRING" } } as const;

/**
 * Prepares a summary's Parquet files. All files share one buffer, so a block is valid until the next one is requested, and a
 * file must be finished or abandoned before the next one begins.
 */
export function parquetOf(summary: Summary, options: CsvOptions = {}): Table {
  return new ParquetTable(summary, options);
}

class ParquetTable implements Table {
  private readonly bytes = new ByteWriter(1 << 16);
  private readonly schema: SchemaElement[];
  private readonly energyColumn: SchemaElement;
  /** Rows that wait for their group to be full, and how many there may be. */
  private used = 0;
  private room = 0;
  private labels: string[] = [];
  private ids: string[] = [];
  private starts = new BigInt64Array(0);
  private counts = new BigInt64Array(0);
  private covered: boolean[] = [];
  private energies = new DataView(new ArrayBuffer(0));
  /** A view of each energy. */
  private values: Uint8Array[] = [];

  constructor(
    private readonly summary: Summary,
    private readonly options: CsvOptions,
  ) {
    const repetition_type = "REQUIRED";
    this.energyColumn = {
      ...{ name: "aggregated_kWh_value", type: "FIXED_LEN_BYTE_ARRAY", type_length: ENERGY_BYTES, repetition_type },
      ...{ precision: 38, scale: 18, logical_type: { type: "DECIMAL", precision: 38, scale: 18 } },
    };
    const utc = { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MICROS" } as const;
    const columns: SchemaElement[] = [
      { name: "", ...TEXT, repetition_type },
      ...(summary.sources === undefined ? [] : [{ name: "source_id", ...TEXT, repetition_type } as const]),
      this.energyColumn,
      ...(options.withCounts ? [{ name: "reading_count", type: "INT64", repetition_type } as const] : []),
      { name: "start", type: "INT64", logical_type: utc, converted_type: "TIMESTAMP_MICROS", repetition_type },
      ...(options.withCounts ? [{ name: "covered", type: "BOOLEAN", repetition_type } as const] : []),
    ];
    this.schema = [{ name: "schema", num_children: columns.length }, ...columns];
  }

  *file(series: Series, rows: Iterable<number> = numbers(series.length)): Generator<Uint8Array, void> {
    const { columns } = this.summary;
    const writer = this.begin(series);
    const energy = new Uint32Array(4 * columns);
    const count = new Float64Array(columns);
    const isLong = !isShort(series.resolution) && series.resolution !== "day";
    for (const row of rows) {
      for (const _ of series.prepare(row)) yield NOTHING;
      const label = series.label(row);
      const start = BigInt(series.start(row) * MICROSECONDS);
      const step = isLong ? Math.max(1, Math.ceil(LONG_CELLS / series.parts(row))) : columns;
      for (let from = 0; from < columns; from += step) {
        const to = Math.min(from + step, columns);
        series.sum(row, energy, count, from, to);
        if (isLong) yield NOTHING;
        for (let column = from; column < to; column++) {
          if (this.used === this.room) yield this.group(writer);
          this.add(column, label, start, energy, count);
        }
      }
    }
    if (this.used > 0) yield this.group(writer);
    // Earlier, the library would take the energies for integers of its own, and make bytes of them one by one.
    this.energyColumn.converted_type = "DECIMAL";
    void writer.finish();
    yield this.take();
  }

  private begin(series: Series): ParquetWriter {
    const room = Math.min(GROUP, Math.max(1, series.length * this.summary.columns));
    if (room > this.room) this.grow(room);
    this.used = 0;
    this.bytes.index = 0;
    this.bytes.offset = 0;
    delete this.energyColumn.converted_type;
    (this.schema[1] as SchemaElement).name = timestampName(series.resolution);
    return new ParquetWriter({ writer: this.bytes, schema: this.schema, createdBy: "electro-kwh" });
  }

  private grow(room: number): void {
    const { buffer } = new Uint8Array(room * ENERGY_BYTES);
    this.room = room;
    this.energies = new DataView(buffer);
    this.values = Array.from({ length: room }, (_, n) => new Uint8Array(buffer, n * ENERGY_BYTES, ENERGY_BYTES));
    this.labels = new Array<string>(room).fill("");
    this.ids = new Array<string>(room).fill("");
    this.starts = new BigInt64Array(room);
    this.counts = new BigInt64Array(room);
    this.covered = new Array<boolean>(room).fill(false);
  }

  private add(column: number, label: string, start: bigint, energy: Uint32Array, count: Float64Array): void {
    const { used, energies, options, summary } = this;
    const { decimals } = options;
    if (decimals !== undefined) roundEnergy(energy, 4 * column, decimals);
    this.labels[used] = label;
    if (summary.sources !== undefined) this.ids[used] = summary.sources[column];
    for (let word = 0; word < 4; word++)
      energies.setUint32(used * ENERGY_BYTES + 4 * word, energy[4 * column + 3 - word]);
    if (options.withCounts) this.counts[used] = BigInt(Math.floor(count[column]));
    this.covered[used] = count[column] > 0;
    this.starts[used] = start;
    this.used++;
  }

  /** The bytes of a row group. */
  private group(writer: ParquetWriter): Uint8Array {
    const { used } = this;
    const text = { encoding: "RLE_DICTIONARY", statistics: false } as const;
    void writer.write({
      rowGroupSize: used,
      columnData: this.schema.slice(1).map(({ name }, n): ColumnSource => {
        if (n === 0) return { name, data: this.labels.slice(0, used), ...text };
        if (name === "source_id") return { name, data: this.ids.slice(0, used), ...text };
        if (name === "reading_count") return { name, data: this.counts.slice(0, used) };
        if (name === "start") return { name, data: this.starts.slice(0, used) };
        if (name === "covered")
          return { name, data: this.covered.slice(0, used), encoding: "PLAIN", statistics: false };
        return { name, data: this.values.slice(0, used), encoding: "PLAIN", statistics: false };
      }),
    });
    this.used = 0;
    return this.take();
  }

  private take(): Uint8Array {
    const bytes = this.bytes.getBytes();
    this.bytes.index = 0;
    return bytes;
  }
}

function* numbers(to: number): Generator<number, void> {
  for (let n = 0; n < to; n++) yield n;
}
