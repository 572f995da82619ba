/** The fields of several values a row, by their names and by patterns in which `*` is any text. */

export class ValueNames {
  private readonly globs: ReadonlyMap<string, readonly string[]>;

  /** @param names in which each comes once */
  constructor(readonly names: readonly string[]) {
    this.globs = new Map(names.flatMap((name) => (isPattern(name) ? [[name, name.split("*")] as const] : [])));
  }

  /** The names that are no patterns. */
  get literal(): string[] {
    return this.names.filter((name) => !this.globs.has(name));
  }

  /** The patterns. */
  get patterns(): string[] {
    return [...this.globs.keys()];
  }

  /** Whether a field may be one of the values. */
  mayBe(field: string): boolean {
    return this.names.includes(field) || this.patterns.some((pattern) => this.fits(pattern, field));
  }

  /** Whether a field fits a pattern; perhaps in another case. */
  fits(pattern: string, field: string, anyCase = false): boolean {
    const parts = this.globs.get(pattern);
    if (parts === undefined) return false;
    if (!anyCase) return fitsParts(parts, field);
    return fitsParts(
      parts.map((part) => part.toLowerCase()),
      field.toLowerCase(),
    );
  }

  /**
   * Which of the fields are values, and which names fit none of them. A field of exactly a pattern's name comes first.
   * @param fields in which each comes once
   */
  choose(fields: readonly string[]): { chosen: boolean[]; lacking: string[] } {
    const all = new Set(fields);
    const chosen = fields.map((field) => this.names.includes(field));
    const lacking: string[] = [];
    for (const name of this.names) {
      if (all.has(name)) continue;
      let found = false;
      for (const [n, field] of fields.entries())
        if (this.fits(name, field)) {
          chosen[n] = true;
          found = true;
        }
      if (!found) lacking.push(name);
    }
    return { chosen, lacking };
  }
}

/** Whether a text is a name, or fits a pattern. */
export function fitsPattern(pattern: string, text: string): boolean {
  return isPattern(pattern) ? fitsParts(pattern.split("*"), text) : pattern === text;
}

/** Whether a name is a pattern. */
export function isPattern(name: string): boolean {
  return name.includes("*");
}

/** Whether the parts between the stars follow one another in the text, from its beginning to its end. */
function fitsParts(parts: readonly string[], text: string): boolean {
  const first = parts[0] as string;
  const last = parts[parts.length - 1] as string;
  const to = text.length - last.length;
  if (!text.startsWith(first) || to < first.length || !text.endsWith(last)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > to) return false;
    at = found + part.length;
  }
  return true;
}
