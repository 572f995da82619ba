/** What a store knows about inputs that may be added: many are looked up at a time, since each query is costly. */
import type { Batch, Store } from "../store/store.js";
import { hasOwnMeaning, type Shas } from "./batch-key.js";

/** What is looked up. */
export interface Asked extends Shas {
  /** The input's name in the ledger, if it has one. */
  readonly file: string | undefined;
}

export interface Known extends Omit<Asked, "plainSha"> {
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
  const found = await ofContents(
    store,
    new Set(asked.flatMap(({ sha, plainSha }) => [sha, ...(plainSha ? [plainSha] : [])])),
  );
  const contents = asked.map(({ sha, plainSha }) => contentOf(found, sha, plainSha));
  const files = new Set<string>();
  asked.forEach(({ file }, n) => {
    if (file !== undefined && contents[n].counting?.file !== file) files.add(file);
  });
  const ofFiles =
    files.size === 0 ? new Map<string, Batch[]>() : await store.read((reader) => reader.batchesOfFiles([...files]));
  return asked.map(({ file }, n) => {
    return { ...contents[n], file, ofFile: (file !== undefined && ofFiles.get(file)) || [] };
  });
}

/** What is known of a content; without some options, if they made no difference to it when it came in. */
function contentOf(found: ReadonlyMap<string, OfContent>, sha: string, plainSha: string | undefined) {
  const own = { sha, ...(found.get(sha) as OfContent) };
  const plain = plainSha === undefined ? undefined : found.get(plainSha);
  const before = plain?.counting ?? plain?.ended;
  const isKnown = own.counting !== undefined || own.ended !== undefined;
  if (isKnown || plainSha === undefined || plain === undefined || before === undefined) return own;
  return hasOwnMeaning(before.notes) ? own : { sha: plainSha, ...plain };
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
