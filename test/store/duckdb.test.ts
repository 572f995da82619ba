// slow: not of the fast lane
/** The embedded store keeps the contract of stores. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore } from "../../dist/store/open.js";
import { storeContract } from "./contract.js";
import { watchContract } from "./watch-contract.js";

const engineOf = () => {
  const folder = mkdtempSync(join(tmpdir(), "electro-store-"));
  return {
    open: (options = {}) => openStore(`duckdb:${join(folder, "electro.duckdb")}`, options),
    remove: async () => rmSync(folder, { recursive: true }),
  };
};

storeContract("the embedded store", engineOf);
watchContract("the embedded store", engineOf);
