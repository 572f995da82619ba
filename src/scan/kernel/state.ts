/**
 * What the kernel counts and what it is told, at fixed addresses, read and written by both sides
 * (`src/scan/kernel.ts` holds the same offsets).
 */
import { STATE } from "./memory";

/** u64 each. */
export const READINGS: usize = STATE;
/** Σ|value|, 128 bits unsigned, in 10⁻¹⁸ kWh. */
export const ABSOLUTE: usize = STATE + 8;
/** 1 once Σ|value| has reached 10²⁰ kWh. */
export const TOO_MUCH: usize = STATE + 24;
/** f64 epoch or wall seconds: first and last of readings with an offset, then first and last of wall times. */
export const EXTENT: usize = STATE + 32;
/** u32: entries still to be taken into the sample; entries taken. */
export const SAMPLE_LEFT: usize = STATE + 64;
export const SAMPLE_TAKEN: usize = STATE + 68;
/** u32 for each extent: which reading has set it, counted from 1. */
export const EXTENT_RANK: usize = STATE + 72;

/** Options, u32 each. */
export const BY_SOURCE: usize = STATE + 96;
/** Slot width in seconds of instants with an offset, and of wall times. */
export const WIDTH: usize = STATE + 100;
/** 1: a timestamp marks the end of its interval. */
export const STAMPS_END: usize = STATE + 108;
/** Power of ten that makes 10⁻¹⁸ kWh of the unit: 18, 15 for Wh, 21 for MWh. */
export const UNIT_POWER: usize = STATE + 112;
/** How many layouts there are. */
export const LAYOUT_COUNT: usize = STATE + 116;
/** u32 for each layout: how often it has fitted. */
export const LAYOUT_HITS: usize = STATE + 128;
/** u32: the source under which records without an id count. */
export const UNNAMED: usize = STATE + 200;
/** A cell for one reading, of plane DEFERRED. */
export const DEFERRED_CELL: usize = STATE + 160;
/** u32: readings whose hash is below this go through the sieve, 0: none does; how many lie in it. */
export const SIEVE_BELOW: usize = STATE + 208;
export const SIEVE_TAKEN: usize = STATE + 212;
/** u32: only sources whose hash is below this are sampled. */
export const SAMPLE_BELOW: usize = STATE + 216;
/** 1 once the heap has reached its limit: no further record is counted then. */
export const FULL: usize = STATE + 204;
/** u32, how readings cover time: 0 they do not, 1 for a number of seconds, which follows, 2 up to an end. */
export const INTERVAL: usize = STATE + 220;
export const INTERVAL_SECONDS: usize = STATE + 224;
/** u32: 0, or what is kept of readings: 1 energies, 2 registers; and how many lie at KEPT. */
export const KEEPS: usize = STATE + 256;
export const KEPT_TAKEN: usize = STATE + 260;
/** u64: readings with a wall time that cover time. */
export const WALL_INTERVALS: usize = STATE + 240;
/** u32: values of a day that were read. Of those, two hashes and one of their flags, u32 each. */
export const DAY_READ: usize = STATE + 228;
export const DAY_HASHES: usize = STATE + 248;
