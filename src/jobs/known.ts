/** What a store knows about inputs that may be added: many are looked up at a time, since each query is costly. */
import type { Batch, Store } from "../store/store.js";

/** What is looked up. */
export interface Asked {
  /** Hash of the content, and of what changes its meaning. */
  readonly sha: string;
  /** The input's name in the ledger, if it has one. */
  readonly file: string | undefined;
}

export interface Known extends Asked {
  /** The key under which the content can come in now. */
  readonly key: string;
  /** The batch of the content that counts, */
  readonly counting: Batch | undefined;
  /** else the latest that was retracted or replaced. */
  readonly ended: Batch | undefined;
  /** Batches that count and came from the file, latest first; not looked up if the content came from it. */
  readonly ofFile: readonly Batch[];
}

/** @returns what is known about each, in the same order */
export async function knownOf(store: Store, asked: readonly Asked[]): Promise<Known[]> {
  const found = await ofContents(store, new Set(asked.map(({ sha }) => sha)));
  const files = new Set<string>();
  for (const { sha, file } of asked) if (file !== undefined && found.get(sha)?.counting?.file !== file) files.add(file);
  const ofFiles =
    files.size === 0 ? new Map<string, Batch[]>() : await store.read((reader) => reader.batchesOfFiles([...files]));
  return asked.map(({ sha, file }) => {
    const { key, counting, ended } = found.get(sha) as OfContent;
    return { sha, file, key, counting, ended, ofFile: (file !== undefined && ofFiles.get(file)) || [] };
  });
}

/** The contents whose batches matter for an input: changes to others do not affect what is known about it. */
export function contentsOf({ sha, ofFile }: Known): string[] {
  return [sha, ...ofFile.flatMap(({ sha256 }) => sha256 ?? [])];
}

type OfContent = Pick<Known, "key" | "counting" | "ended">;

async function ofContents(store: Store, shas: ReadonlySet<string>): Promise<Map<string, OfContent>> {
  const found = new Map<string, OfContent>();
  let open = new Map<string, Batch | undefined>(Array.from(shas, (sha) => [sha, undefined]));
  for (let n = 1; open.size > 0; n++) {
    const keyOf = (sha: string) => (n === 1 ? sha : `${sha}#${n}`);
    const batches = await store.batchesOfKeys(Array.from(open.keys(), keyOf));
    const next = new Map<string, Batch>();
    for (const [sha, ended] of open) {
      const key = keyOf(sha);
      const batch = batches.get(key);
      if (batch === undefined || batch.state === "counts") found.set(sha, { key, counting: batch, ended });
      else next.set(sha, batch);
    }
    open = next;
  }
  return found;
}
