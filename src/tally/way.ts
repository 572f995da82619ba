/** What several readings of a source mean together: the way of the source. */

/** How differences of cumulative readings become energy. */
export interface RegisterRules {
  /** Of a meter nothing is guessed; a counter begins again at 0. */
  readonly kind: "meter" | "counter";
  /** Where a meter begins again at 0, in 10⁻¹⁸ kWh, if that was said. */
  readonly rollover: bigint | undefined;
  /** Seconds between neighbours from which on `across` says what becomes of their energy; `undefined`: no limit. */
  readonly gap: number | undefined;
  readonly across: "spread" | "end" | "drop";
}

export interface Way {
  /** What it means that several readings begin at one instant. */
  readonly duplicates: "add" | "once" | "latest";
  /** `undefined`: values are energies. */
  readonly register: RegisterRules | undefined;
}

/** What may be said of a way beside what values are. */
export const WAY_PARTS = ["duplicates", "register", "rollover", "gap", "across"] as const;
export type WayPart = (typeof WAY_PARTS)[number];

/** What a way says of a part. */
export function partOf({ duplicates, register }: Way, part: WayPart): unknown {
  if (part === "duplicates") return duplicates;
  return part === "register" ? register?.kind : register?.[part];
}

/** A text that is equal for equal ways, and can be kept; the empty one is that of readings that all count by themselves. */
export function textOfWay({ duplicates, register }: Way): string {
  const of: string[] = duplicates === "add" ? [] : [duplicates];
  if (register === undefined) return of.join(" ");
  const { kind, rollover, gap, across } = register;
  of.push("register", kind);
  if (rollover !== undefined) of.push(`rollover=${rollover}`);
  if (gap !== undefined) of.push(`gap=${gap}`, across);
  return of.join(" ");
}

/** The way that a text of `textOfWay` says. */
export function wayFrom(text: string): Way {
  const words = text.split(" ");
  const duplicates = words.includes("once") ? "once" : words.includes("latest") ? "latest" : "add";
  if (!words.includes("register")) return { duplicates, register: undefined };
  const told = (name: string) => words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
  const rollover = told("rollover");
  const gap = told("gap");
  return {
    duplicates,
    register: {
      kind: words.includes("counter") ? "counter" : "meter",
      rollover: rollover === undefined ? undefined : BigInt(rollover),
      gap: gap === undefined ? undefined : Number(gap),
      across: words.includes("end") ? "end" : words.includes("drop") ? "drop" : "spread",
    },
  };
}
