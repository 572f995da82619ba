/** Whether an input is to come into a store, given what came in before: by its content first, then by its name. */
import { RunError } from "../domain/errors.js";
import type { Batch, Store } from "../store/store.js";

export type Choice =
  | { readonly kind: "add"; readonly key: string; readonly replaces: string | undefined }
  /** The batch has the same content, and counts. */
  | { readonly kind: "there"; readonly batch: Batch }
  /** The batch has the same content, and was taken out. */
  | { readonly kind: "left_out"; readonly batch: Batch; readonly message: string };

/**
 * @param sha of the content and of what changes its meaning
 * @param input its name in messages, and in the ledger
 * @param relied ids of batches that are the content of another input now, whatever name they came in under
 * @throws RunError `file_changed` where the user has to choose, `file_loaded_twice` where that does not help
 */
export async function decide(
  store: Store,
  sha: string,
  { name, file }: { name: string; file: string | undefined },
  { replace, again }: { replace?: boolean; again?: boolean },
  relied: ReadonlySet<string>,
): Promise<Choice> {
  const { key, counting, ended } = await ofContent(store, sha);
  if (counting !== undefined && counting.file === file) return { kind: "there", batch: counting };
  const found = file === undefined ? [] : await store.read((reader) => reader.batchesOfFile(file));
  const before = found.filter((batch) => batch.sha256 !== sha);
  const others = replace ? before.filter(({ id }) => !relied.has(id)) : before;
  if (others.length === 0) {
    if (counting !== undefined) return { kind: "there", batch: counting };
    if (ended === undefined || again || before.length > 0) return { kind: "add", key, replaces: undefined };
    const what = ended.state === "replaced" ? `replaced by batch ${ended.replacedBy}` : "retracted";
    const message = `${name}: it was loaded before (batch ${ended.id}) and has been ${what} since, so it is left out; --again counts it again`;
    return { kind: "left_out", batch: ended, message };
  }
  const [other] = others;
  if (again)
    return counting === undefined ? { kind: "add", key, replaces: undefined } : { kind: "there", batch: counting };
  const batches = others.map(({ id, received }) => `batch ${id} of ${new Date(received).toISOString()}`).join(", ");
  if (!replace)
    throw new RunError(
      "file_changed",
      `${name}: it has changed since it was loaded (${batches}), or is read with other options: --replace puts what it says now in the place of that, --again counts both`,
    );
  if (others.length > 1)
    throw new RunError(
      "file_loaded_twice",
      `${name}: several batches of it count (${batches}), so it is not clear which --replace means; retract those that are not to count, over HTTP: DELETE /v1/batches/ID`,
    );
  if (counting === undefined) return { kind: "add", key, replaces: other.id };
  // What it says now counts already, under another name: so what it said before is only to go.
  await store.retract(other.id);
  return { kind: "there", batch: counting };
}

/** The batch of a content that counts, else the latest that was taken out; and the key for the content to come in now. */
async function ofContent(
  store: Store,
  sha: string,
): Promise<{ key: string; counting: Batch | undefined; ended: Batch | undefined }> {
  let ended: Batch | undefined;
  for (let n = 1; ; n++) {
    const key = n === 1 ? sha : `${sha}#${n}`;
    const batch = await store.batchOfKey(key);
    if (batch === undefined || batch.state === "counts") return { key, counting: batch, ended };
    ended = batch;
  }
}
