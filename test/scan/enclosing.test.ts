/**
 * Records without a source take that of the objects around their array: however the bytes come, wherever the id stands,
 * and whatever is handed over in between.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planOf } from "../../dist/jobs/plan.js";
import type { InputScan } from "../../dist/scan/input-scan.js";
import { RecordSearch } from "../../dist/scan/json-search.js";
import { Scanner } from "../../dist/scan/scanner.js";
import { copyOf } from "../../dist/tally/tally.js";
import { cellsOf, scanInput } from "./both.mjs";

const record = (hour: number, kWh: number, more = "") =>
  `{"timestamp":"2024-01-${String(1 + Math.floor(hour / 24)).padStart(2, "0")}T${String(hour % 24).padStart(2, "0")}:00:00Z","kWh_value":${kWh}${more}}`;
const KWH = 10n ** 18n;

/** kWh by source and hour that a dataset is to come to, as `cellsOf` tells them. */
function cells(
  expected: Readonly<Record<string, readonly (readonly [hour: number, kWh: number, readings: number])[]>>,
) {
  const first = Date.UTC(2024, 0, 1) / 3_600_000;
  return Object.entries(expected)
    .flatMap(([id, of]) =>
      of.map(
        ([hour, kWh, n]) => `cell ${JSON.stringify(id)} plane 0 slot ${first + hour}: ${BigInt(kWh) * KWH} (${n})`,
      ),
    )
    .sort();
}

const counted = (scanner: Scanner) => cellsOf(scanner.kernel.part()).filter((line) => line.startsWith("cell"));

interface Case {
  readonly what: string;
  readonly records?: string;
  readonly sourceField?: string;
  readonly text: string;
  readonly expected: Parameters<typeof cells>[0];
}

const FOUR = [record(0, 1), record(0, 2), record(1, 4), record(2, 8, ',"meter_id":"own"')];

const CASES: readonly Case[] = [
  {
    what: "before the array",
    text: `{"meter_id":"A","readings":[${FOUR}]}`,
    expected: { A: [[0, 3, 2], [1, 4, 1]], own: [[2, 8, 1]] }, // biome-ignore format: a table
  },
  {
    what: "after the array",
    text: `{"readings":[${FOUR}],"source_id":"S","meter_id":"A"}`,
    expected: { A: [[0, 3, 2], [1, 4, 1]], own: [[2, 8, 1]] }, // biome-ignore format: a table
  },
  {
    what: "that records in the array name, too, before and after those without one",
    text: `{"readings":[${record(0, 1, ',"meter_id":"A"')},${FOUR},${record(1, 16, ',"meter_id":"A"')}],"meter_id":"A"}`,
    expected: { A: [[0, 4, 3], [1, 20, 2]], own: [[2, 8, 1]] }, // biome-ignore format: a table
  },
  {
    what: "on each line its own",
    text: Array.from(
      { length: 9 },
      (_, n) => `{"readings":[${record(n, 1)},${record(n + 1, 2)}],"meter_id":${n % 3}}`,
    ).join("\n"),
    expected: Object.fromEntries(
      [0, 1, 2].map((id) => {
        const hours = Array.from({ length: 10 }, (_, hour): [number, number, number] => {
          const [a, b] = [hour < 9 && hour % 3 === id, hour > 0 && (hour - 1) % 3 === id];
          return [hour, (a ? 1 : 0) + (b ? 2 : 0), Number(a) + Number(b)];
        });
        return [String(id), hours.filter(([, , n]) => n > 0)];
      }),
    ),
  },
  {
    what: "of the innermost object that has one",
    records: "/sites/*/meters/*/readings",
    text: `{"sites":[{"meters":[{"readings":[${FOUR}],"meter_id":"A"},{"readings":[${record(0, 16)}]}],"source_id":"site"},{"meters":[{"meter_id":null,"readings":[${record(1, 32)},${record(30, 64)}]}]}],"meter_id":"all"}`,
    expected: { A: [[0, 3, 2], [1, 4, 1]], own: [[2, 8, 1]], site: [[0, 16, 1]], all: [[1, 32, 1], [30, 64, 1]] }, // biome-ignore format: a table
  },
  {
    what: "by a whole name rather than one that reaches into a member, of which the last counts",
    sourceField: "device.id",
    text: `{"device":{"id":"A"},"device.id":"B","readings":[${FOUR}]}\n{"device":{"id":"A"},"readings":[${record(5, 16)}],"device":7}\n{"device":7,"device":{"id":"C"},"readings":[${record(6, 32)}]}`,
    expected: { "": [[5, 16, 1]], B: [[0, 3, 2], [1, 4, 1], [2, 8, 1]], C: [[6, 32, 1]] }, // biome-ignore format: a table
  },
  {
    what: "nowhere",
    records: "/a/*",
    text: `{"a":[[${FOUR}],[${record(0, 16)}]]}`,
    expected: { "": [[0, 19, 3], [1, 4, 1]], own: [[2, 8, 1]] }, // biome-ignore format: a table
  },
  {
    what: "in an object of its own, by a name with a dot",
    sourceField: "device.id",
    records: "/device/readings",
    text: `{"device":{"readings":[${FOUR}],"id":"A"}}\n{"device":{"id":"B","device":{"id":"C"},"readings":[${record(0, 16)}]}}`,
    expected: { A: [[0, 3, 2], [1, 4, 1], [2, 8, 1]], C: [[0, 16, 1]] }, // biome-ignore format: a table
  },
];

describe.each(CASES)("an id $what", ({ text, expected, records, sourceField }) => {
  const { scan: plan } = planOf({ bySource: true, ...(records && { records }), ...(sourceField && { sourceField }) });
  const bytes = Buffer.from(text);

  test("is used, wherever the bytes are cut", () => {
    for (let cut = 0; cut <= bytes.length; cut++) {
      const scanner = new Scanner(plan);
      expect(scanInput(scanner, bytes, { cuts: [cut], late: cut % 2 === 0 })).toMatchObject({ bad: [] });
      expect(counted(scanner), `cut at ${cut}`).toEqual(cells(expected));
    }
  });

  test("is used even if a part of the sums has been handed over in the middle", () => {
    for (let cut = 1; cut < bytes.length; cut += 7) {
      const scanner = new Scanner(plan);
      const scan = scanner.begin(() => {});
      put(scan, bytes.subarray(0, cut), false);
      const { words, pageWord, pageSource, pagePlane, pageBlock } = copyOf(scanner.kernel.part());
      scanner.kernel.clear();
      put(scan, bytes.subarray(cut), true);
      const last = scanner.kernel.part();
      // What was handed over keeps its numbers; what they stand for is known in the end.
      const handed = { ...last, words, pageWord, pageSource, pagePlane, pageBlock };
      expect(added([...cellsOf(handed), ...counted(scanner)]), `cut at ${cut}`).toEqual(cells(expected));
    }
  });
});

function put(scan: InputScan, bytes: Uint8Array, final: boolean): void {
  scan.room().set(bytes);
  scan.filled(bytes.length, final);
}

/** Cells of the same name added up. */
function added(lines: readonly string[]): string[] {
  const sums = new Map<string, [bigint, bigint]>();
  for (const line of lines) {
    const [, name, energy, count] = /^(cell .*): (-?\d+) \((\d+)\)$/.exec(line) ?? [];
    if (name === undefined) continue;
    const [sum, readings] = sums.get(name) ?? [0n, 0n];
    sums.set(name, [sum + BigInt(energy!), readings + BigInt(count!)]);
  }
  return Array.from(sums, ([name, [sum, readings]]) => `${name}: ${sum} (${readings})`).sort();
}

test("many objects take no more memory than one whose records name their sources", () => {
  const { scan: plan } = planOf({ bySource: true });
  const take = (line: (n: number) => string) => {
    const scanner = new Scanner(plan);
    const { bad } = scanInput(scanner, Buffer.from(Array.from({ length: 20_000 }, (_, n) => line(n)).join("\n")));
    expect(bad).toEqual([]);
    return { heap: scanner.kernel.heapBytes, cells: counted(scanner) };
  };
  const around = take((n) => `{"readings":[${record(n % 50, 1)}],"meter_id":"m${n % 10}"}`);
  const own = take((n) => record(n % 50, 1, `,"meter_id":"m${n % 10}"`));
  expect(around.cells).toEqual(own.cells);
  expect(around.heap).toBeLessThan(2 * own.heap);
});

test("the number of sources is the same whether sums are by source or not", () => {
  for (const bySource of [false, true]) {
    const scanner = new Scanner(planOf({ bySource }).scan);
    scanInput(scanner, Buffer.from(`{"readings":[${FOUR}],"meter_id":"A"}{"readings":[],"meter_id":"none"}`));
    const sources = cellsOf(scanner.kernel.part()).filter((line) => line.startsWith("source"));
    expect(sources).toEqual(['source "A"', 'source "own"']);
  }
});

describe("arrays of records are found at any depth", () => {
  const scalar = fc.constantFrom<unknown>(1, "x", "[{", '"timestamp":', null, true, 'a\\"{');
  const name = fc.constantFrom("a", "b/c", "~", 'q"', "timestamp", "kWh_value", "x\\", "é");
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      scalar,
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(name, tie("value"), { maxKeys: 3 }),
    ),
  }));

  /** Pointers to arrays with an object that has a timestamp or a value, but not to those inside such an object of an array. */
  function arraysIn(value: unknown, at: string): string[] {
    if (typeof value !== "object" || value === null) return [];
    if (!Array.isArray(value))
      return Object.entries(value).flatMap(([key, inner]) => arraysIn(inner, `${at}/${JSON.stringify(key)}`));
    const isRecord = (item: unknown) =>
      typeof item === "object" && item !== null && ("timestamp" in item || "kWh_value" in item);
    return value.some(isRecord) ? [at] : value.flatMap((item) => arraysIn(item, `${at}/"*"`));
  }

  test("in any JSON, however it is cut", () => {
    let found = 0;
    fc.assert(
      fc.property(value, fc.array(fc.nat(300), { maxLength: 4 }), fc.boolean(), (content, cuts, spaced) => {
        const bytes = Buffer.from(JSON.stringify(content, null, spaced ? 1 : 0));
        const search = new RecordSearch(["timestamp", "kWh_value"]);
        search.begin(["top"]);
        const ends = [...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
        ends.forEach((end, n) => search.feed(bytes, ends[n - 1] ?? 0, end));
        const expected = new Set(arraysIn(content, '/"top"'));
        const seen = search.found.map((tokens) => tokens.map((token) => `/${JSON.stringify(token)}`).join(""));
        found += seen.length;
        // Of an array that is found, what was found in its first elements is told, too.
        expect(new Set(seen.filter((one) => expected.has(one)))).toEqual(expected);
        expect(seen.length > 0).toBe(expected.size > 0);
      }),
      { numRuns: 1500 },
    );
    expect(found).toBeGreaterThan(100);
  });

  test("even if millions of brackets are open", () => {
    const search = new RecordSearch(["timestamp", "kWh_value"]);
    search.begin([]);
    const deep = Buffer.concat([Buffer.alloc(3_000_000, "["), Buffer.alloc(3_000_000, "]")]);
    const bytes = Buffer.concat([Buffer.from('{"a":'), deep, Buffer.from(',"b":[{"kWh_value":1}]}')]);
    search.feed(bytes, 0, bytes.length);
    expect(search.found).toEqual([["b"]]);
  });
});
