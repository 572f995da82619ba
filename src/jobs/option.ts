/** The form of an entry in the table of options. */
import { type Message, say } from "../base/message.js";
import { leastText } from "../base/size.js";

export type Command =
  | "aggregate"
  | "load"
  | "export"
  | "quality"
  | "serve"
  | "token"
  | "check"
  | "retract"
  | "backup"
  | "compact"
  | "profiles";

/** Kinds of calls of the service: they read a body, ask for a summary, or ask for quality. */
export type Call = "body" | "summary" | "quality";

/** In the order in which help shows them. */
export const HEADING = {
  service: "Service",
  tokens: "Tokens",
  where: "Where",
  look: "What to look at",
  changed: "A file that has changed since it was loaded",
  sum: "What to sum",
  read: "How to read records",
  bad: "Bad records",
  files: "Files",
  show: "What to show",
  resources: "Resources",
} as const;

/** The members of an entry that may differ on a surface. */
interface Shown {
  /** One sentence without capital and full stop, in Markdown. */
  readonly says: Message;
  /** The value if it is not given; `otherwise` describes it in words, in Markdown, if it has no fixed value. A flag is off. */
  readonly default?: string | number | undefined;
  readonly otherwise?: Message;
  /** The range of a number, or of a size in bytes. */
  readonly least?: number;
  readonly most?: number;
  /** The placeholder of the value in help: `ZONE`. Default: the choices, `N`, `SIZE` or `DAY`. */
  readonly placeholder?: string;
  /** The heading under which help and docs/ show it. */
  readonly heading: (typeof HEADING)[keyof typeof HEADING];
}

export interface OptionEntry extends Shown {
  /** `texts` may be given repeatedly, and so may `names`, of which one is a text; `choices` are some of them, separated by commas. */
  readonly kind: keyof Values<never>;
  readonly choices?: readonly string[];
  /** Whether a text may be empty. */
  readonly empty?: boolean;
  /** The name where values are given one at a time, as on the command line. */
  readonly each?: string;
  /** One letter, for the command line. */
  readonly short?: string;
  readonly commands: { readonly [C in Command]?: Partial<Shown> };
  readonly http?: Partial<Shown> & { readonly calls: readonly Call[]; readonly example?: string };
  /** It is only an option in code for jobs that write files. Default: for every job whose command has it. */
  readonly library?: "files";
  /** It changes the content of the files, so the manifest has it. */
  readonly manifest?: true;
}

/** Options by their names in code. */
export type OptionTable = Readonly<Record<string, OptionEntry>>;

/** The types of values by the kind of option; `T` is its choices. */
interface Values<T> {
  text: string;
  texts: string[];
  names: string | string[];
  day: string;
  flag: boolean;
  choice: T;
  choices: T[];
  whole: number;
  size: number;
}

/** The type of an option's value. */
type ValueOf<E> = E extends { readonly kind: infer K extends keyof Values<never> }
  ? Values<E extends { readonly choices: readonly (infer T)[] } ? T : never>[K]
  : never;

export type ValuesOf<T> = { -readonly [Name in keyof T]?: ValueOf<T[Name]> };

type Under<S, T> = { readonly [Name in keyof T]: Omit<S, keyof T[Name]> & T[Name] };

/** Gives entries what they share, unless they override it. */
export function under<
  const S extends Partial<OptionEntry>,
  const T extends Readonly<Record<string, Partial<OptionEntry>>>,
>(shared: S, entries: T): Under<S, T> {
  return Object.fromEntries(Object.entries(entries).map(([name, own]) => [name, { ...shared, ...own }])) as never;
}

const PLACEHOLDERS: { readonly [K in OptionEntry["kind"]]?: string } = { day: "DAY", whole: "N", size: "SIZE" };

/** The placeholder of the value; `undefined` if there is none. */
export function placeholderOf({ kind, placeholder, choices }: OptionEntry): string | undefined {
  return placeholder ?? choices?.join("|") ?? PLACEHOLDERS[kind];
}

/** A default in words, in Markdown; `undefined` if there is none. */
export function defaultOf({ kind, default: value, otherwise }: OptionEntry): Message | undefined {
  return otherwise ?? (value !== undefined ? `\`${value}\`` : kind === "flag" ? "off" : undefined);
}

/** An entry's sentence, with the smallest size that is allowed. */
export function saysOf({ kind, says, least = 1 }: OptionEntry): Message {
  return kind === "size" && least > 1 ? say`${says}; at least ${leastText(least)}` : says;
}

/** Capitalises a text. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Whether an option of `quality` is about reading files, and so has no effect with a store. */
export function isAboutFiles(heading: OptionEntry["heading"], name: string): boolean {
  return heading === HEADING.read || heading === HEADING.bad || name === "workers";
}
