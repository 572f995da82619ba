/** Messages between the thread that receives bodies and the threads that read them. */

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
  /** How many idle scanners to retain. */
  readonly scanners: number;
}

/** `id` is the number of the body. */
export type ToWorker = { readonly id: number } & (
  | { readonly kind: "begin"; readonly job: Job; readonly compressed: boolean }
  | { readonly kind: "bytes"; readonly pieces: readonly Uint8Array[] }
  | { readonly kind: "end" }
  | { readonly kind: "cancel" }
  /** Asks for the next block of the response. */
  | { readonly kind: "more" }
);

export type FromWorker = { readonly id: number } & FromBody;

type FromBody =
  /** The bytes of one message were read, so another may be sent. */
  | { readonly kind: "taken" }
  | { readonly kind: "ingested"; readonly body: IngestedBody }
  /** Whether it waits for other bodies to release memory. */
  | { readonly kind: "waits"; readonly waits: boolean }
  /** The blocks of the response follow. */
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

/** The error that a failure was made from. */
export function errorOf({ kind, code, message, members }: Failure): Error {
  if (kind === "problem") return new Problem(code as ProblemCode, textOf(message, "http"), { members });
  return kind === "error" ? new RunError(code, message) : new Error(textOf(message, "http"));
}
