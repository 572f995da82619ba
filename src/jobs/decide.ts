/** Decides whether an input is added to a store, given what came in before: by its content first, then by its name. */

import { RunError } from "../base/errors.js";
import { bySurface, type Message, option, say } from "../base/message.js";
import type { Batch } from "../store/store.js";
import type { Known } from "./known.js";
import type { LoadOptions } from "./options.js";

export type Choice =
  | { readonly kind: "add"; readonly key: string; readonly replaces: string | undefined }
  /** The batch has the same content, and counts; the batch `retracts` is to be retracted. */
  | { readonly kind: "there"; readonly batch: Batch; readonly retracts: string | undefined }
  /** The batch has the same content, and was retracted or replaced. */
  | { readonly kind: "left_out"; readonly batch: Batch; readonly message: Message };

/**
 * @param known what the store knows about the input now
 * @param name of the input, in messages
 * @param more whether a file that has changed is one more batch, since what counts is told by its readings
 * @param relied ids of batches that another input has as its content now, whatever name they came in under
 * @throws RunError `file_changed` if the user must choose, `file_loaded_twice` if that does not help
 */
export function decide(
  { sha, file, key, counting, ended, ofFile }: Known,
  name: string,
  { replace, again, more }: Pick<LoadOptions, "replace" | "again"> & { readonly more: boolean },
  relied: ReadonlySet<string>,
): Choice {
  if (counting !== undefined && counting.file === file) return there(counting);
  const before = ofFile.filter((batch) => batch.sha256 !== sha);
  const others = replace ? before.filter(({ id }) => !relied.has(id)) : before;
  if (others.length === 0) {
    if (counting !== undefined) return there(counting);
    if (ended === undefined || again || before.length > 0) return { kind: "add", key, replaces: undefined };
    const what = ended.state === "replaced" ? `replaced by batch ${ended.replacedBy}` : "retracted";
    const message = say`${name}: it was loaded before (batch ${ended.id}) and ${what} since, so it is skipped; ${option("again", true)} counts it again`;
    return { kind: "left_out", batch: ended, message };
  }
  const [other] = others;
  if (again) return counting === undefined ? { kind: "add", key, replaces: undefined } : there(counting);
  if (more && !replace) return counting === undefined ? { kind: "add", key, replaces: undefined } : there(counting);
  const batches = others.map(({ id, received }) => `batch ${id} of ${new Date(received).toISOString()}`).join(", ");
  if (!replace)
    throw new RunError(
      "file_changed",
      say`${name}: it has changed since it was loaded (${batches}), or is read with other options: ${option("replace", true)} replaces what was loaded, ${option("again", true)} counts both`,
    );
  if (others.length > 1)
    throw new RunError(
      "file_loaded_twice",
      say`${name}: several of its batches count (${batches}), so it is unclear which one to replace; retract those that should not count${bySurface({ commandLine: ": electro retract ID" })}`,
    );
  if (counting === undefined) return { kind: "add", key, replaces: other.id };
  // Its new content counts already, under another name: so its old content only has to be retracted.
  return there(counting, other.id);
}

function there(batch: Batch, retracts?: string): Choice {
  return { kind: "there", batch, retracts };
}
