/** JSON pointers in messages. */

/** Pointers that a message lists. */
const MAX_POINTERS = 11;

export function pointers(all: readonly (readonly string[])[]): string {
  return `${all.slice(0, MAX_POINTERS).map(pointer).join(", ")}${all.length > MAX_POINTERS ? ", …" : ""}`;
}

/** JSON pointer (RFC 6901) of tokens. */
export function pointer(tokens: readonly string[]): string {
  return tokens.map((token) => `/${token.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
