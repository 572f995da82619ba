/**
 * Messages as data. Each surface has its own name for an option: `--max-days 30` on the command line, `max_days=30` over
 * HTTP, and `maxDays: 30` in code. So a message contains the option, and becomes text only when it is shown to people.
 * Plain data, which can be sent between threads.
 */

/** The interfaces through which people use Electro. */
export type Surface = "library" | "commandLine" | "http";

/** An option by its name in code, perhaps with a value. `true` is the value of a flag. */
export interface OptionNamed {
  readonly option: string;
  readonly value?: string | number | true | undefined;
}

/** A different message for each surface; none for those that are not given. */
export interface BySurface {
  readonly by: { readonly [S in Surface]?: Message };
}

type Part = string | OptionNamed | BySurface;

export type Message = string | readonly Part[];

/** Builds a message: `` say`more than ${option("maxDays", 30)}` ``. */
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

/** Advice about an option that HTTP requests do not have: omitted over HTTP. */
export function notOverHttp(message: Message): BySurface {
  return { by: { library: message, commandLine: message } };
}

/** Options that are to be given together. */
export function together(options: readonly OptionNamed[]): Message {
  return options.reduce<Message>((all, one) => (all === "" ? say`${one}` : say`${all}${AND}${one}`), "");
}

const AND = bySurface({ library: ", ", commandLine: " ", http: " and " });

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
    if (value === undefined || value === true) return flag;
    // What looks like an option is not taken for a value.
    return `${flag}${/^--|^-[A-Za-z]$/.test(String(value)) ? "=" : " "}${shellWord(String(value))}`;
  },
  http({ option, value }) {
    const parameter = between(option, "_");
    return value === undefined ? parameter : `${parameter}=${queryValue(String(value))}`;
  },
};

/** A value in a query: encoded but for what every client passes on as it is. A lone surrogate has no encoding. */
function queryValue(text: string): string {
  return text.replace(/[^\w\-.~!$'()*,;:@/?\ud800-\udfff]/gu, encodeURIComponent);
}

/** Quotes a text for a shell, if need be. */
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
