/** What an entry of the table of options says. */
import { type Message, say } from "../base/message.js";
import { leastText } from "../base/size.js";

export type Command = "aggregate" | "load" | "export" | "quality" | "serve" | "token" | "check" | "backup";

/** Calls of the service by what they ask: how a body is read, what is summed, how good the data is. */
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

/** What of an entry may be otherwise on a surface. */
interface Shown {
  /** One sentence, without its capital and full stop, in Markdown. */
  readonly says: Message;
  /** What it is where it is not given; `otherwise` says it in words where a value would not, in Markdown. A flag is off. */
  readonly default?: string | number | undefined;
  readonly otherwise?: Message;
  /** The range of a number; of a size, bytes. */
  readonly least?: number;
  readonly most?: number;
  /** What stands for the value in help: `ZONE`. Default: the choices, `N`, `SIZE` or `DAY`. */
  readonly placeholder?: string;
  /** Under which help and docs/ show it. */
  readonly heading: (typeof HEADING)[keyof typeof HEADING];
}

export interface OptionEntry extends Shown {
  /** `texts` may be given again and again; `choices` is some of them, between commas. */
  readonly kind: keyof Values<never>;
  readonly choices?: readonly string[];
  /** Whether a text may be empty. */
  readonly empty?: boolean;
  /** The name where one of several is given at a time, as on the command line. */
  readonly each?: string;
  /** One letter, for the command line. */
  readonly short?: string;
  readonly commands: { readonly [C in Command]?: Partial<Shown> };
  readonly http?: Partial<Shown> & { readonly calls: readonly Call[]; readonly example?: string };
  /** Only where files are written is it an option in code, too. Default: wherever a command with a job has it. */
  readonly library?: "files";
  /** Whether it changes what the files hold: then the manifest has it. */
  readonly manifest?: true;
}

/** Options by their names in code. */
export type OptionTable = Readonly<Record<string, OptionEntry>>;

/** The types of values by the kind of option, where `T` is its choices. */
interface Values<T> {
  text: string;
  texts: string[];
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

/** Entries with what they share, but for what one says otherwise. */
export function under<
  const S extends Partial<OptionEntry>,
  const T extends Readonly<Record<string, Partial<OptionEntry>>>,
>(shared: S, entries: T): Under<S, T> {
  return Object.fromEntries(Object.entries(entries).map(([name, own]) => [name, { ...shared, ...own }])) as never;
}

const PLACEHOLDERS: { readonly [K in OptionEntry["kind"]]?: string } = { day: "DAY", whole: "N", size: "SIZE" };

/** What stands for the value; `undefined` where there is none. */
export function placeholderOf({ kind, placeholder, choices }: OptionEntry): string | undefined {
  return placeholder ?? choices?.join("|") ?? PLACEHOLDERS[kind];
}

/** A default in words, in Markdown; `undefined` where there is none. */
export function defaultOf({ kind, default: value, otherwise }: OptionEntry): Message | undefined {
  return otherwise ?? (value !== undefined ? `\`${value}\`` : kind === "flag" ? "off" : undefined);
}

/** An entry's sentence, with the least size that there may be. */
export function saysOf({ kind, says, least = 1 }: OptionEntry): Message {
  return kind === "size" && least > 1 ? say`${says}; ${leastText(least)} at least` : says;
}

/** A text with its capital. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Whether an option of `quality` is about reading files, and so of no effect with a store. */
export function isAboutFiles(heading: OptionEntry["heading"], name: string): boolean {
  return heading === HEADING.read || heading === HEADING.bad || name === "workers";
}
