/** Errors for compressed input that is incomplete or damaged. */
import { RunError } from "../base/errors.js";

type Format = "gzip" | "zstd";

/** The stream ends too early. */
export function cutOff(name: string, format: Format): RunError {
  return new RunError(
    "input_cut_off",
    `${name}: the ${format} stream ends early: the file is cut off; copy or fetch it again`,
  );
}

/** Something else follows the end of the stream. */
export function followed(name: string, format: Format): RunError {
  return new RunError(
    "input_damaged",
    `${name}: the end of the ${format} stream is followed by something that is not ${format}`,
  );
}

/** The stream is damaged. @param detail the decoder's message */
export function damaged(name: string, format: Format, detail: string): RunError {
  return new RunError("input_damaged", `${name}: the ${format} stream is damaged (${detail}); copy or fetch it again`);
}
