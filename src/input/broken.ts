/** What to say of packed input that is not whole. */
import { RunError } from "../base/errors.js";

type Format = "gzip" | "zstd";

export function cutOff(name: string, format: Format): RunError {
  return new RunError(
    "input_cut_off",
    `${name}: the ${format} stream ends early: the file is cut off; copy or fetch it again`,
  );
}

export function followed(name: string, format: Format): RunError {
  return new RunError(
    "input_damaged",
    `${name}: after the end of the ${format} stream comes something that is not ${format}`,
  );
}

/** @param detail what the decoder says */
export function damaged(name: string, format: Format, detail: string): RunError {
  return new RunError("input_damaged", `${name}: the ${format} stream is damaged (${detail}); copy or fetch it again`);
}
