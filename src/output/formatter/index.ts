/**
 * The formatter: turns the sums of one hour or day into rows of CSV. The caller arranges the memory from `FREE` on. Every
 * write may touch up to 32 bytes beyond the end that it returns.
 */
import { writeEnergy } from "./energy";
import { startNumbers, writeNumber } from "./number";

/** The label that rows begin with: at most 32 bytes. */
const LABEL: usize = 64;
const COMMA: u8 = 44;
const LINE_END: u8 = 10;

let cells: usize = 0;
let starts: usize = 0;
let energy: usize = 0;
let counts: usize = 0;
let decimals: u32 = 18;
let withCounts: bool = false;

/**
 * To be called once, before anything else.
 * @param cellsAt address of the bytes between label and energy: those of column c begin at `u32 starts[c]` from here and end where the next ones begin
 * @param energyAt address of 16 bytes per column, two's complement, in 10⁻¹⁸ kWh
 * @param countsAt address of an f64 per column
 * @param places decimal places that each sum is rounded to; 18: all digits
 */
export function start(
  cellsAt: usize,
  startsAt: usize,
  energyAt: usize,
  countsAt: usize,
  places: u32,
  counted: bool,
): void {
  startNumbers();
  cells = cellsAt;
  starts = startsAt;
  energy = energyAt;
  counts = countsAt;
  decimals = places;
  withCounts = counted;
}

/** Writes the rows of the columns in [from, to) at `pos`; returns the position after them. */
export function fill(labelLength: u32, from: u32, to: u32, pos: usize): usize {
  const first = v128.load(LABEL);
  const second = v128.load(LABEL, 16);
  let cell = cells + load<u32>(starts + (from << 2));
  for (let column = from; column < to; column++) {
    v128.store(pos, first);
    v128.store(pos, second, 16);
    pos += labelLength;
    const cellEnd = cells + load<u32>(starts + (column << 2), 4);
    const after = pos + (cellEnd - cell);
    for (; pos < after; pos += 16, cell += 16) v128.store(pos, v128.load(cell));
    pos = after;
    cell = cellEnd;
    pos = writeEnergy(pos, energy + (column << 4), decimals);
    if (withCounts) {
      store<u8>(pos, COMMA);
      pos = writeNumber(pos + 1, u64(load<f64>(counts + (column << 3))));
    }
    store<u8>(pos++, LINE_END);
  }
  return pos;
}
