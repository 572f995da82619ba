/** `electro profiles`: lists the exports that are recognised, and shows how one is read. */
import { UsageError } from "../../base/errors.js";
import { shippedProfiles, textOfShipped } from "../../jobs/profiles.js";
import type { CommandDefinition } from "../command.js";
import { STATUS } from "../status.js";
import { PROFILES_HELP } from "../terminal/help.js";
import type { World } from "../world.js";

export const profilesCommand: CommandDefinition = {
  name: "profiles",
  summary: "list the exports that are recognised by their headers",
  description:
    "Lists the profiles that come with Electro. A profile says how a known export is read, and the header by which it is " +
    "recognised. With `show NAME`, prints one, to be changed and used as a file.",
  usage: "[show NAME]",
  argument: ["show NAME", "print the profile with this name"],
  help: PROFILES_HELP,
  run: async (args, _, { stdout }: World) => {
    await stdout.write(textFor(args));
    return STATUS.done;
  },
};

/** @throws UsageError */
function textFor([verb, name, ...others]: readonly string[]): string {
  const profiles = shippedProfiles();
  if (verb === undefined || (verb === "list" && name === undefined)) {
    const width = Math.max(...[...profiles.keys()].map(({ length }) => length));
    return [...profiles.values()].map(({ name, title }) => `${name.padEnd(width)}  ${title}\n`).join("");
  }
  if (verb !== "show" || name === undefined || others.length > 0)
    throw new UsageError("bad_arguments", "electro profiles takes nothing, or show and the name of a profile");
  if (!profiles.has(name))
    throw new UsageError(
      "unknown_profile",
      `there is no profile ${JSON.stringify(name)}; electro profiles lists those that there are`,
    );
  return textOfShipped(name);
}
