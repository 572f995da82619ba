/** Inputs that are put aside, to be read once all others are known. */
import type { Input } from "../input/input.js";
import type { Delivered } from "../scan/deliveries.js";
import type { BadRecord } from "../scan/plan.js";
import type { Reason } from "../scan/reasons.js";

/** An input that was found to have a format whose inputs are read again. */
export interface DeliveredInput {
  readonly input: Input;
  readonly kind: Delivered;
  /** Its bytes, if it is not a file. */
  readonly kept: readonly Uint8Array[];
  readonly onBad: (bad: BadRecord | Reason) => void;
}
