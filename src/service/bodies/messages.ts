/** What the thread that receives bodies and the threads that read them tell each other. */

import { ElectroError, RunError } from "../../base/errors.js";
import { type Message, textOf } from "../../base/message.js";
import { Problem, type ProblemCode } from "../http/problem.js";
import type { BodyLimits } from "./body-scan.js";
import type { IngestedBody, Job, Summed } from "./work.js";

/** Sent once, before anything else. */
export interface Setup {
  /** The kernel, compiled. */
  readonly code: WebAssembly.Module;
  readonly limits: BodyLimits;
  /** Scanners to keep. */
  readonly scanners: number;
}

/** Of a body, by its number. */
export type ToWorker = { readonly id: number } & (
  | { readonly kind: "begin"; readonly job: Job; readonly packed: boolean }
  | { readonly kind: "bytes"; readonly pieces: readonly Uint8Array[] }
  | { readonly kind: "end" }
  | { readonly kind: "cancel" }
  /** The next block of the answer may come. */
  | { readonly kind: "more" }
);

export type FromWorker = { readonly id: number } & FromBody;

type FromBody =
  /** The bytes of a message were read, so others may come. */
  | { readonly kind: "taken" }
  | { readonly kind: "ingested"; readonly body: IngestedBody }
  /** Whether it waits for the sums of others to be gone. */
  | { readonly kind: "waits"; readonly waits: boolean }
  /** The answer's blocks follow. */
  | ({ readonly kind: "summed" } & Summed)
  | { readonly kind: "block"; readonly bytes: Uint8Array }
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly failure: Failure };

/** An error that can be sent. */
export interface Failure {
  readonly kind: "problem" | "error" | "defect";
  readonly code: string;
  readonly message: Message;
  readonly members: Readonly<Record<string, unknown>>;
}

export function failureOf(error: unknown): Failure {
  if (error instanceof Problem)
    return { kind: "problem", code: error.code, message: error.detail, members: error.members };
  if (error instanceof ElectroError) return { kind: "error", code: error.code, message: error.said, members: {} };
  return { kind: "defect", code: "defect", message: String(error instanceof Error ? error.stack : error), members: {} };
}

/** The error that a failure was. */
export function errorOf({ kind, code, message, members }: Failure): Error {
  if (kind === "problem") return new Problem(code as ProblemCode, textOf(message, "http"), { members });
  return kind === "error" ? new RunError(code, message) : new Error(textOf(message, "http"));
}
