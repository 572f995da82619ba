/** What a job is to read. */
import type { Input } from "../input/input.js";
import { resolveInputs } from "../input/resolve.js";
import type { RunContext } from "../pipeline/run.js";
import type { Warnings } from "../pipeline/warnings.js";

/**
 * Finds the inputs, and warns of what is odd about them.
 * @param names files, folders, globs, addresses, or `-`
 * @param exclude files and folders that the job writes: what folders and globs have of them is not read
 * @throws UsageError, RunError, the signal's reason, as `resolveInputs`
 */
export async function findInputs(
  names: readonly string[],
  exclude: readonly string[],
  { cwd, stdin, signal }: RunContext,
  warnings: Warnings,
): Promise<readonly Input[]> {
  const resolved = await resolveInputs(names, { cwd, exclude, signal, ...(stdin && { stdin }) });
  for (const warning of resolved.warnings) warnings.add(warning);
  return resolved.inputs;
}
