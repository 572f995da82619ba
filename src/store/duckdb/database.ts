/** Opens a database file with the settings that every store has. */
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { hidden, makeTemporaryFolder, removeEmptyLog, removeTemporaryFolder } from "./files.js";
import { closeConnection } from "./table.js";

export interface Database {
  readonly instance: DuckDBInstance;
  readonly connection: DuckDBConnection;
  /** Moves the log into the file if possible, and closes. */
  close(): void;
}

/**
 * Opens a file, and creates it if it does not exist.
 * @param memory bytes that the engine may use
 * @param threads that it may use
 */
export async function openDatabase(file: string, memory: number, threads = 2): Promise<Database> {
  const instance = await DuckDBInstance.create(file, {
    threads: String(threads),
    memory_limit: `${Math.max(64, Math.floor(memory / 2 ** 20))}MiB`,
    temp_directory: hidden(file, "tmp"),
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    // The writer says when: see checkpoint.ts.
    wal_autocheckpoint: "1TB",
  });
  let connection: DuckDBConnection | undefined;
  const close = () => {
    if (connection !== undefined) closeConnection(connection);
    instance.closeSync();
    removeEmptyLog(file);
    removeTemporaryFolder(file);
  };
  try {
    // Only now is the file this process's: another one might have it open.
    makeTemporaryFolder(file);
    connection = await instance.connect();
    // The disk itself reports when it is full. By default, the engine stays within what was free when it was opened.
    await connection.run("SET max_temp_directory_size = '1000TB'");
    await connection.run("SET enable_external_access = false");
    // A plan must not depend on what the tables hold, since it may be used when they hold something else: see table.ts.
    await connection.run("SET disabled_optimizers = 'statistics_propagation,compressed_materialization'");
    return { instance, connection, close };
  } catch (error) {
    close();
    throw error;
  }
}
