/** JSON pointers as options have them. */
import { UsageError } from "../base/errors.js";
import { option, say } from "../base/message.js";

/** The tokens of a JSON pointer (RFC 6901). @throws UsageError */
export function pointerOf(text: string): string[] {
  if (text !== "" && !text.startsWith("/"))
    throw new UsageError(
      "bad_pointer",
      say`${option("records")} ${JSON.stringify(text)} is not a JSON pointer; it begins with /, as in /data/readings`,
      { option: "records" },
    );
  if (/~(?![01])/.test(text))
    throw new UsageError(
      "bad_pointer",
      say`${option("records")} ${JSON.stringify(text)} is not a JSON pointer; write ~ in a name as ~0`,
      { option: "records" },
    );
  return text
    .split("/")
    .slice(1)
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}
