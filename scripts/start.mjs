// `npm start`: readies the working copy, then is the command `electro` itself, where the person stands.
// Without arguments it shows the examples. The command runs in this very process, so signals, standard input and
// the exit status are its own.
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { ready, root } from "./ready.mjs";

ready();
process.chdir(process.env["INIT_CWD"] ?? process.cwd());
let args = process.argv.slice(2);
if (args.length === 0) {
  args = ["aggregate", relative(process.cwd(), join(root, "examples")), "--timezone", "Europe/Berlin", "--print"];
  console.error(`electro ${args.join(" ")}`);
}
const main = join(root, "dist/bin/electro.js");
process.argv = [process.argv[0] ?? "node", main, ...args];
await import(pathToFileURL(main).href);
