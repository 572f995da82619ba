/** Workbooks (Office Open XML): the first sheet that is shown, as lines of CSV. */
import { RunError } from "../../base/errors.js";
import type { WarningText } from "../../base/warning.js";
import type { ZipMember } from "../input.js";
import { readMember } from "../zip/member.js";
import type { ZipSource } from "../zip/source.js";
import { SheetRows, withinCell } from "./sheet.js";
import { type Shown, shownBy } from "./values.js";
import { type Handler, parseAll, parsed } from "./xml.js";

/** Characters of all texts that a workbook's cells share, and how many there are. */
const MOST_TEXT = 128 * 1024 * 1024;
const MOST_TEXTS = 4_000_000;

/** The members of a workbook, by their names. */
export type Parts = ReadonlyMap<string, ZipMember>;

interface Sheet {
  readonly name: string;
  readonly part: string;
}

const MAIN = "xl/workbook.xml";

export class WorkbookReader {
  private from1904 = false;

  /** @param name for messages */
  constructor(
    private readonly source: ZipSource,
    private readonly parts: Parts,
    private readonly name: string,
    private readonly turn: () => Promise<void>,
  ) {}

  /** Names of the sheets that are not read, if there are any, and of the one that is. @throws RunError */
  async warnings(): Promise<WarningText[]> {
    const [first, ...others] = await this.sheets();
    if (others.length === 0 || first === undefined) return [];
    const list = others.map(({ name }) => JSON.stringify(name)).slice(0, 5);
    const rest = others.length > 5 ? ` and ${others.length - 5} more` : "";
    const message = `${this.name}: read the sheet ${JSON.stringify(first.name)}, and skipped ${list.join(", ")}${rest}; to read another one, save it as a file of its own`;
    return [{ code: "skipped_files", message }];
  }

  /** The rows of the first sheet as CSV. @throws RunError */
  async *rows(): AsyncGenerator<Uint8Array> {
    const [sheet] = await this.sheets();
    if (sheet === undefined) throw this.damaged("there is no sheet in it that is shown");
    const rows = new SheetRows({ texts: await this.texts(), styles: await this.styles(), from1904: this.from1904 });
    try {
      yield* parsed(this.bytes(sheet.part), rows, () => rows.take());
    } catch (error) {
      throw this.explained(error, sheet.part);
    }
  }

  /** The worksheets that are shown, in their order. */
  private async sheets(): Promise<Sheet[]> {
    const targets = new Map<string, string>();
    await this.parse("xl/_rels/workbook.xml.rels", {
      open(name, { Id = "", Target = "", Type = "" }) {
        if (name === "Relationship" && Type.endsWith("/worksheet"))
          targets.set(Id, Target.startsWith("/") ? Target.slice(1) : `xl/${Target}`);
      },
    });
    const found: Sheet[] = [];
    await this.parse(MAIN, {
      open: (tag, { name = "", id = "", state, date1904 }) => {
        if (tag === "workbookPr") this.from1904 = date1904 === "1" || date1904 === "true";
        const part = targets.get(id);
        if (tag === "sheet" && part !== undefined && (state === undefined || state === "visible"))
          found.push({ name, part });
      },
    });
    return found;
  }

  private async texts(): Promise<string[]> {
    const texts: string[] = [];
    let text = "";
    let length = 0;
    // Phonetic hints (rPh) are no part of the text.
    let hints = 0;
    let inside = false;
    await this.parse("xl/sharedStrings.xml", {
      open(name) {
        if (name === "si") text = "";
        else if (name === "rPh") hints++;
        inside = name === "t" && hints === 0;
      },
      text(piece) {
        if (inside) text = withinCell(text + piece);
      },
      close: (name) => {
        inside = false;
        if (name === "rPh") hints--;
        if (name !== "si") return;
        length += text.length;
        if (length > MOST_TEXT) throw new Error("has texts of more than 128 MiB");
        if (texts.push(text) > MOST_TEXTS) throw new Error(`has more than ${MOST_TEXTS.toLocaleString("en-US")} texts`);
      },
    });
    return texts;
  }

  private async styles(): Promise<Shown[]> {
    const codes = new Map<number, string>();
    const styles: Shown[] = [];
    let cells = false;
    await this.parse("xl/styles.xml", {
      open(name, { numFmtId, formatCode }) {
        if (name === "numFmt" && formatCode !== undefined) codes.set(Number(numFmtId), formatCode);
        else if (name === "cellXfs") cells = true;
        else if (name === "xf" && cells) styles.push(shownBy(Number(numFmtId ?? 0), codes.get(Number(numFmtId))));
      },
      close(name) {
        if (name === "cellXfs") cells = false;
      },
    });
    return styles;
  }

  /** Reads a part, if the workbook has it. */
  private async parse(part: string, handler: Handler): Promise<void> {
    if (!this.parts.has(part)) return;
    try {
      await parseAll(this.bytes(part), handler);
    } catch (error) {
      throw this.explained(error, part);
    }
  }

  private bytes(part: string): AsyncGenerator<Uint8Array> {
    const member = this.parts.get(part);
    if (member === undefined) throw this.damaged(`${part} is missing`);
    return readMember(this.source, member, `${this.name}:${part}`, this.turn);
  }

  private explained(error: unknown, part: string): unknown {
    // What is thrown to stop the run is nothing about the workbook.
    if (error instanceof RunError || (error as Error).constructor !== Error) {
      if (!(error instanceof TypeError || error instanceof RangeError)) return error;
    }
    return this.damaged(`${part} ${(error as Error).message}`);
  }

  private damaged(reason: string): RunError {
    return new RunError(
      "input_damaged",
      `${this.name}: the workbook cannot be read: ${reason}; or save the sheet as CSV`,
    );
  }
}
