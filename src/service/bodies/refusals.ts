/** Why a body is not taken: what it holds is empty, or too much. */
import { RunError } from "../../base/errors.js";

export function emptyBody(): RunError {
  return new RunError(
    "empty_body",
    "the body is empty, as when curl does not find the file to send; a batch without readings is []",
  );
}

/** @param most bytes */
export function unpacksToTooMuch(most: number): RunError {
  return new RunError(
    "unpacked_too_large",
    `the body unpacks to more than ${most} bytes, the most that is taken; send it in several batches`,
  );
}

export function tooManySources(most: number): RunError {
  return new RunError(
    "too_many_sources",
    `the body has more than ${most} sources, the most that is taken; send them in several batches`,
  );
}

/** @param kept whether readings are kept until all are known */
export function tooManyCells(kept: boolean): RunError {
  const more = kept
    ? "has more readings than are taken at once where what counts depends on all of them"
    : "covers more quarter hours of its sources than are taken at once";
  return new RunError("too_many_cells", `the body ${more}; send it in several batches`);
}
