/** Why there is nothing to count in an input of a meter's own format. */
import { type LeftOut, leftOutTexts } from "./left-out.js";

/** @param kinds what was left out of it @returns a code and a message */
export function explainNothing(kinds: LeftOut): [code: string, message: string] {
  const texts = leftOutTexts(kinds).join(", ");
  if (Object.keys(kinds).every((kind) => kind === "register"))
    return [
      "only_registers",
      `there are only cumulative meter readings in it, which are not read yet: left out are ${texts}`,
    ];
  return ["no_energy", `there is no electrical energy in it that is read: left out are ${texts}`];
}
