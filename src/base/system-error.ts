/** Explains system errors in words. */
import { getSystemErrorMap } from "node:util";

const WORDS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  ENOENT: "there is no such file",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of its path is a file, not a folder",
  ELOOP: "its symbolic links form a loop",
  ENAMETOOLONG: "its name is too long",
  EMFILE: "too many files are open (raise the limit: ulimit -n)",
  ENFILE: "too many files are open on this machine",
  EIO: "the disk failed (EIO)",
  ECONNREFUSED: "the connection was refused (is a server running there?)",
  ECONNRESET: "the server closed the connection",
  ENOTFOUND: "there is no such host",
  EAI_AGAIN: "the host name could not be looked up (is the network up?)",
  ETIMEDOUT: "the connection timed out",
  EHOSTUNREACH: "the host cannot be reached",
  ENETUNREACH: "the network cannot be reached",
};

/** The code of a system or Node error, such as `ENOENT`; `""` if it has none. */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === "string" ? code : "";
}

/** The reason behind an error, as a clause that follows "cannot be read: ". */
export function reasonOf(error: unknown): string {
  const code = codeOf(error);
  const words = WORDS[code];
  if (words !== undefined) return words;
  const number = (error as { errno?: unknown } | undefined)?.errno;
  const entry = typeof number === "number" ? getSystemErrorMap().get(number) : undefined;
  if (entry !== undefined) return `${entry[1]} (${entry[0]})`;
  const message = error instanceof Error ? error.message : String(error);
  return code === "" ? message : `${message} (${code})`;
}
