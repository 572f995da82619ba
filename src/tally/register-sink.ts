/** What follows from the cumulative readings of a register, and who receives it. */
import type { Decimal } from "./decimal.js";

/** What a display showed at an instant. */
export interface Point {
  /** Epoch seconds, and nanoseconds after them. */
  second: number;
  nanos: number;
  mantissa: number;
  power: number;
  big: bigint | undefined;
}

/** What is special about two neighbours, or about one reading: */
export const REGISTER_EVENTS = [
  /** it was lower for a moment, and is ignored; */
  "blip",
  /** the register passed its highest number; */
  "rollover",
  /** a counter began again at 0; */
  "restart",
  /** a meter's reading is lower than the one before, and nothing tells why: nothing is counted between them; */
  "fell",
  /** they are more than 400 days apart: nothing is counted between them; */
  "gap",
  /** they are further apart than the limit, and their energy was dropped; */
  "dropped",
  /** or put at the end; */
  "at_end",
  /** a meter was exchanged for another; */
  "exchange",
  /** there are different readings of one instant, which are all set aside. */
  "conflict",
] as const;
export type RegisterEvent = (typeof REGISTER_EVENTS)[number];

/** Receives what follows from the readings. Points are only valid during the call. */
export interface RegisterSink {
  /** Energy between two neighbours, spread over the time between them. The first counts as the reading that begins there. */
  spread(from: Point, to: Point, energy: Decimal): void;
  /** Energy that belongs to the end of the time between two neighbours. */
  putAtEnd(from: Point, to: Point, energy: Decimal): void;
  /** A reading that counts, at which no energy begins. @param ends whether some ends there */
  count(at: Point, ends: boolean): void;
  /** @param values of a conflict, in 10⁻¹⁸ kWh */
  found(event: RegisterEvent, from: Point, to: Point, values: readonly bigint[]): void;
}

/** What the display of a reading is: of a meter in use, or of one that is taken away, or put in its place. */
export type Display = "reading" | "old_end" | "new_start";
