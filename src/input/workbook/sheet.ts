/** The rows of a sheet as lines of CSV: the line is the row's number. */
import { numberText, type Workbook } from "./values.js";
import type { Handler } from "./xml.js";

/** Columns and rows of a sheet, as Excel has them. */
const MOST_COLUMNS = 16_384;
const MOST_ROWS = 1_048_576;
/** Characters of a cell, as Excel has them. */
const MOST_OF_CELL = 32_767;

/** @throws Error if a text is longer than that of a cell can be */
export function withinCell(text: string): string {
  if (text.length > MOST_OF_CELL) throw new Error("has a cell of more than 32,767 characters");
  return text;
}

export class SheetRows implements Handler {
  private lines = "";
  /** The number of the last row that has begun. */
  private row = 0;
  /** Cells of the first row that has any. */
  private width = 0;
  private cells: string[] = [];
  private column = 0;
  private type = "";
  private style = 0;
  private value = "";
  /** Whether text belongs to the cell's value, and whether it is in a phonetic hint. */
  private inside = false;
  private hints = 0;

  constructor(private readonly workbook: Workbook) {}

  open(name: string, { r, t = "n", s }: Readonly<Record<string, string>>): void {
    if (name === "row") this.beginRow(r);
    else if (name === "c") {
      this.column = r === undefined ? this.column + 1 : columnOf(r);
      if (!(this.column >= 1 && this.column <= MOST_COLUMNS))
        throw new Error(`has a cell ${r ?? ""} outside of a sheet`);
      this.type = t;
      this.style = Number(s ?? 0);
      this.value = "";
    } else if (name === "rPh") this.hints++;
    this.inside = (name === "v" || name === "t") && this.hints === 0;
  }

  text(piece: string): void {
    if (this.inside) this.value = withinCell(this.value + piece);
  }

  close(name: string): void {
    this.inside = false;
    if (name === "rPh") this.hints--;
    else if (name === "c") {
      const cell = this.cell();
      if (cell !== "") this.cells[this.column - 1] = cell;
    } else if (name === "row") {
      this.endRow();
    }
  }

  /** The lines since the last call. */
  take(): Uint8Array | undefined {
    if (this.lines === "") return undefined;
    const bytes = Buffer.from(this.lines);
    this.lines = "";
    return bytes;
  }

  /** Empty cells at the end of a row, which only have a format, count up to the width of the first row. */
  private endRow(): void {
    const { cells } = this;
    const width = Math.max(cells.length, Math.min(this.column, this.width));
    this.width ||= width;
    this.lines += `${Array.from({ length: width }, (_, n) => cells[n] ?? "").join(",")}\n`;
    this.cells = [];
  }

  private beginRow(r: string | undefined): void {
    const row = r === undefined ? this.row + 1 : Number(r);
    if (!(row > this.row && row <= MOST_ROWS)) throw new Error(`has a row ${r ?? ""} after row ${this.row}`);
    this.lines += "\n".repeat(row - this.row - 1);
    this.row = row;
    this.column = 0;
    this.cells = [];
  }

  private cell(): string {
    const { type, value, workbook } = this;
    if (value === "") return "";
    if (type === "n") return numberText(value, workbook.styles[this.style] ?? "number", workbook.from1904);
    if (type === "b") return value === "1" ? "TRUE" : "FALSE";
    if (type !== "s") return quoted(value);
    const text = workbook.texts[Number(value)];
    if (text === undefined) throw new Error(`refers to text ${value}, which the workbook does not have`);
    return quoted(text);
  }
}

/** Always in quotes, so that blanks around it count as they would in the sheet. */
function quoted(text: string): string {
  return text === ""
    ? ""
    : /^[\w .:+-]*$/.test(text) && text.trim() === text
      ? text
      : `"${text.replaceAll('"', '""')}"`;
}

/** The column of a cell such as `AB12`, from 1 on. */
function columnOf(cell: string): number {
  let column = 0;
  for (const letter of /^[A-Z]{1,3}/.exec(cell)?.[0] ?? "") column = column * 26 + letter.charCodeAt(0) - 64;
  return column;
}
