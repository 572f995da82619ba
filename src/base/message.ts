/**
 * Messages as data. What they name may be called otherwise on each surface: an option is `--max-days 30` on the command
 * line, `max_days=30` over HTTP, and `maxDays: 30` from code. So a message holds the option, and only who shows it to
 * people puts it in words. Plain data, to be sent between threads.
 */

/** Where people meet Electro. */
export type Surface = "library" | "commandLine" | "http";

/** An option by its name in code; with the value that is meant. `true` is that of a flag. */
export interface OptionNamed {
  readonly option: string;
  readonly value?: string | number | true | undefined;
}

/** What is said on some surfaces only, or otherwise on each: where nothing is given, nothing is said. */
export interface BySurface {
  readonly by: { readonly [S in Surface]?: Message };
}

type Part = string | OptionNamed | BySurface;

export type Message = string | readonly Part[];

/** Puts a message together: `` say`more than ${option("maxDays", 30)}` ``. */
export function say(texts: TemplateStringsArray, ...values: readonly (Message | Part | number)[]): Message {
  const parts: Part[] = [];
  const add = (part: Part) => {
    const last = parts.at(-1);
    if (typeof part === "string" && typeof last === "string") parts[parts.length - 1] = last + part;
    else if (part !== "") parts.push(part);
  };
  texts.forEach((text, n) => {
    add(text);
    const value = values[n];
    if (value === undefined) return;
    if (typeof value === "number") add(String(value));
    else if (typeof value === "object" && Symbol.iterator in value) for (const part of value) add(part);
    else add(value as Part);
  });
  return parts.length === 1 && typeof parts[0] === "string" ? parts[0] : parts;
}

export function option(name: string, value?: OptionNamed["value"]): OptionNamed {
  return value === undefined ? { option: name } : { option: name, value };
}

export function bySurface(by: BySurface["by"]): BySurface {
  return { by };
}

/** Advice that names an option which requests do not have: HTTP says nothing instead. */
export function notOverHttp(message: Message): BySurface {
  return { by: { library: message, commandLine: message } };
}

/** A message in the words of a surface. */
export function textOf(message: Message, surface: Surface): string {
  if (typeof message === "string") return message;
  return message
    .map((part) => {
      if (typeof part === "string") return part;
      if ("option" in part) return WORDS[surface](part);
      const told = part.by[surface];
      return told === undefined ? "" : textOf(told, surface);
    })
    .join("");
}

const WORDS: { readonly [S in Surface]: (named: OptionNamed) => string } = {
  library: ({ option, value }) => (value === undefined ? option : `${option}: ${JSON.stringify(value)}`),
  commandLine({ option, value }) {
    const flag = `--${between(option, "-")}`;
    return value === undefined || value === true ? flag : `${flag} ${shellWord(String(value))}`;
  },
  http({ option, value }) {
    const parameter = between(option, "_");
    return value === undefined ? parameter : `${parameter}=${value}`;
  },
};

/** A text as a shell takes it for one word. */
function shellWord(text: string): string {
  return /^[\w./:-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** `maxDays` as `max-days` or `max_days`. */
function between(name: string, mark: string): string {
  return name.replace(/[A-Z]/g, (letter) => `${mark}${letter.toLowerCase()}`);
}

/** `Wh, kWh or MWh`. */
export function either(choices: readonly string[]): string {
  const last = choices.slice(-1);
  return [choices.slice(0, -1).join(", "), ...last].filter((text) => text !== "").join(" or ");
}
