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

export function tooManyCells(): RunError {
  return new RunError(
    "too_many_cells",
    "the body covers more quarter hours of its sources than are taken at once; send it in several batches",
  );
}
