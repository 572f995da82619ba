/** The error for a path that does not exist. */
import { lstatSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { RunError } from "../base/errors.js";
import { nearest } from "../base/suggestion.js";

/** Why a file cannot be opened whose name arrived with bytes replaced. */
export const NOT_UTF8 = "its name is not UTF-8; rename it";

/** Whether bytes of a name that are not UTF-8 were replaced, so that nothing is there under the name. */
export function isReplaced(name: string): boolean {
  return name.includes("\ufffd");
}

/** @param path absolute; @param name as the user wrote it */
export function missing(path: string, name: string): RunError {
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) {
    return new RunError("input_missing", `${name}: it is a link to something that is not there`);
  }
  if (isReplaced(name)) return new RunError("input_unreadable", `${name}: it cannot be read: ${NOT_UTF8}`);
  let lost = path;
  while (dirname(lost) !== lost && !exists(dirname(lost))) lost = dirname(lost);
  const folder = dirname(lost);
  const meant = likely(folder, basename(lost));
  const hint = meant === undefined ? "" : `; did you mean ${withLast(name, path, lost, meant)}?`;
  if (lost === path) return new RunError("input_missing", `${name}: there is no such file or folder${hint}`);
  return new RunError("input_missing", `${name}: there is no such file: there is no folder ${basename(lost)}${hint}`);
}

/** A name in the folder that was probably meant: similar, or different only in its extensions (`.gz` forgotten). */
function likely(folder: string, wanted: string): string | undefined {
  let names: string[];
  try {
    names = readdirSync(folder).sort();
  } catch {
    return undefined;
  }
  const stem = wanted.replace(/\..*$/, "");
  return nearest(wanted, names) ?? names.find((name) => stem !== "" && name.startsWith(`${stem}.`));
}

/** The path as the user wrote it, with the missing part replaced by what was probably meant. */
function withLast(name: string, path: string, lost: string, meant: string): string {
  const rest = path.slice(lost.length);
  const typed = name.replace(/\/+$/, "");
  const cut = typed.length - rest.length - basename(lost).length;
  return typed.endsWith(basename(lost) + rest) ? typed.slice(0, cut) + meant + rest : join(dirname(lost), meant) + rest;
}

function exists(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
}
