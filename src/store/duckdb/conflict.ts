/** A change that would make readings differ that count at one instant: it is refused. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { StoreError } from "../../base/errors.js";
import { option, say } from "../../base/message.js";
import { instantLabel } from "../../time/period.js";
import { zoneOf } from "../../time/zone.js";
import type { Conflict } from "../kept-order.js";
import { rowsBySeq } from "./ledger.js";
import { ID, rowsOf } from "./table.js";

/** Nothing of a transaction was written, since a part of it is refused: alone, that part fails with the reason. */
export class Refused extends Error {
  constructor(readonly reason: StoreError) {
    super("refused");
  }
}

/** The error of a conflict, in the transaction that found it: it names the batches. */
export async function conflictError(
  connection: DuckDBConnection,
  { source, second, batches }: Conflict & { readonly source: number },
): Promise<StoreError> {
  const [row] = await rowsOf(connection, `SELECT ${ID} FROM sources WHERE number = $1`, source);
  const ledger = await rowsBySeq(connection, batches);
  const id = row === undefined ? "a source" : `source ${JSON.stringify(row[0])}`;
  const names = ledger.map(({ batch }) => batch.id).sort();
  return new StoreError(
    "register_conflict",
    say`${id} would have different cumulative readings at ${instantLabel(zoneOf("UTC"), second) ?? ""}, in batches ${names.join(" and ")}; nothing was changed. ${option("duplicates", "latest")} takes the one that was delivered last, for sources whose batches all say so`,
  );
}
