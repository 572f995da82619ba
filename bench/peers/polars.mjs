/**
 * Polars: `polars.mjs FORM FILE OUT totals|sources`, on POLARS_MAX_THREADS threads.
 * A lazy scan with a given schema into a streaming sink, its fastest here; values are Float64, since its JSON reader
 * takes no number as a Decimal. About half of its time goes into strptime.
 */
import pl from "nodejs-polars";

const [form, file, out, grouping] = process.argv.slice(2);

const schema = { timestamp: pl.Utf8, kWh_value: pl.Float64, meter_id: pl.Utf8 };
const readings = form === "csv" ? pl.scanCSV(file, { schema }) : pl.scanJson(file, { schema });
const stamp = form === "offsets" ? "%Y-%m-%dT%H:%M:%S%.3f%:z" : "%Y-%m-%dT%H:%M:%SZ";
const keys = grouping === "sources" ? ["hour", "meter_id"] : ["hour"];

await readings
  .withColumns(pl.col("timestamp").str.strptime(pl.Datetime("ms"), stamp).dt.truncate("1h").alias("hour"))
  .groupBy(keys)
  .agg(pl.col("kWh_value").sum())
  .sort(keys.map((key) => pl.col(key)))
  .sinkCSV(`${out}/hourly.csv`)
  .collect();
