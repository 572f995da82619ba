/** What is odd about a body that is summed, as `electro aggregate` would warn of it. */
import type { Warning } from "../../base/warning.js";
import type { ReadOptions, SummaryOptions } from "../../jobs/options.js";
import { leftOut } from "../../jobs/sum.js";
import { shortened } from "../../pipeline/batch-rejects.js";
import { dataWarnings } from "../../pipeline/data-warnings.js";
import type { IngestionPlan, Plan } from "../../pipeline/plan.js";
import { noReadings } from "../../pipeline/warnings.js";
import { registerCounts, registerTexts } from "../../quality/register-findings.js";
import { noExport } from "../../scan/export-filter.js";
import { leftOutTexts } from "../../scan/left-out.js";
import type { Notes } from "../../store/store.js";
import type { QueryResult } from "../../tally/summarise.js";
import { wallReadings } from "../../tally/tally.js";
import { BODY } from "./body-scan.js";
import type { Counted } from "./counted.js";

/** The warnings that `electro aggregate` would give. */
export function sumWarnings(
  {
    parts,
    repeated,
    overall,
    registers,
    warnings: found,
    rounded,
    leftOut: notRead,
    rejected,
    readAs,
    hasExport,
  }: Counted,
  answer: QueryResult,
  plan: IngestionPlan,
  options: ReadOptions & SummaryOptions,
): Notes["warnings"] {
  const once = parts.reduce((sum, part) => sum + wallReadings(part), repeated.once);
  const said = options.inputTimezone !== undefined || options.timezone !== undefined;
  const { totals } = answer;
  const { readings, outOfPeriod, first, last } = totals;
  const wallTimes = { once, skipped: totals.skippedWallTimes, repeated };
  const all = { found, wallTimes, overall, registers, first, last, readAs };
  const others: Warning[] = rejected.count > 0 ? [leftOut(rejected.count, undefined)] : [];
  if (outOfPeriod > 0 && readings > 0)
    others.push({
      code: "out_of_period",
      message: `${readingsAre(outOfPeriod)} outside the period, and not in the sums`,
    });
  const texts = leftOutTexts(notRead);
  if (texts.length > 0) others.push({ code: "not_readings", message: `left out: ${texts.join(", ")}` });
  const counts = registerTexts(registerCounts(registers) ?? {});
  if (counts.length > 0)
    others.push({ code: "register_counts", message: `of cumulative readings: ${counts.join(", ")}` });
  if (rounded > 0)
    others.push({ code: "rounded", message: `${readingsAre(rounded)} rounded at the 18th decimal place of a kWh` });
  if (readings === 0) others.push(noReadings(outOfPeriod, "there are no readings in the body", totals.energy));
  else others.push(...[noExport(plan.scan.exports, hasExport) ?? []].flat());
  return [...dataWarnings(all, plan as Plan, said, BODY), ...others].map((warning) => shortened(warning, "http"));
}

function readingsAre(readings: number): string {
  return readings === 1 ? "1 reading is" : `${readings} readings are`;
}
