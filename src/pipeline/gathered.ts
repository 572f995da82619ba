/** What a store hands out by source, piece by piece: kept in memory while that may be, else laid down on the disk. */
import { RunError } from "../base/errors.js";
import { pageListOf } from "../tally/page-list.js";
import { type QueryResult, type Question, summarise } from "../tally/summarise.js";
import type { Part } from "../tally/tally.js";
import { answerOfSpilled } from "./disk-summary.js";
import { Spiller, type SpillPlan } from "./spill.js";

export interface Room {
  /** Bytes that cells may take. Default: as many as there are. */
  readonly memory?: number;
  readonly spill?: Omit<SpillPlan, "question"> | undefined;
  readonly signal?: AbortSignal | undefined;
}

export class Gathered {
  private parts: Part[] = [];
  private bytes = 0;
  private spiller: Spiller | undefined;
  /** Of what lies on the disk: number 0 is the unnamed source, then those of all pieces. */
  private readonly ids: Uint8Array[] = [];
  private readonly idEnds: number[] = [0];

  constructor(
    private readonly question: Question,
    private readonly room: Room,
  ) {}

  /** @throws RunError `memory`, or where the disk refuses */
  add(part: Part): void {
    if (this.spiller !== undefined) {
      this.layDown(part, this.spiller);
      return;
    }
    this.parts.push(part);
    this.bytes += part.words.byteLength;
    const { memory = Number.POSITIVE_INFINITY, spill } = this.room;
    if (this.bytes <= memory) return;
    if (spill === undefined)
      throw new RunError(
        "memory",
        `the sums by source and hour need more than ${Math.round(memory / 1e6)} MB; ask for fewer sources or days at a time`,
      );
    this.spiller = new Spiller({ ...spill, question: this.question }, "store");
    for (const one of this.parts) this.layDown(one, this.spiller);
    this.parts = [];
  }

  /** @throws RunError where the disk refuses */
  async answer(): Promise<QueryResult> {
    const { spiller, question } = this;
    if (spiller === undefined) return summarise(this.parts, question);
    const idEnds = Uint32Array.from(this.idEnds);
    // A store hands out sources that have readings; the unnamed one is present only if cells say so.
    const seen = new Uint8Array(idEnds.length);
    const { memory = Number.POSITIVE_INFINITY, spill, signal } = this.room;
    return answerOfSpilled([spiller.finish({ ids: Buffer.concat(this.ids), idEnds, seen })], question, {
      plan: spill as Omit<SpillPlan, "question">,
      memory,
      signal,
    });
  }

  /** Gives a part's sources numbers of their own, and writes its cells. */
  private layDown(part: Part, spiller: Spiller): void {
    const base = this.idEnds.length - 1;
    const before = this.idEnds[base];
    this.ids.push(part.ids);
    for (let n = 1; n < part.idEnds.length; n++) this.idEnds.push(before + part.idEnds[n]);
    for (let n = 0; n < part.pageSource.length; n++) if (part.pageSource[n] > 0) part.pageSource[n] += base;
    spiller.write({ ...pageListOf(part), sources: this.idEnds.length });
  }
}
