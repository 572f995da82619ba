/** The code of the kernel. */
import { readFileSync } from "node:fs";

/** Compiled once per process; threads pass it to each other. */
let compiled: WebAssembly.Module | undefined;

/** @param code as compiled by another thread */
export function kernelCode(code?: WebAssembly.Module): WebAssembly.Module {
  compiled ??= code ?? new WebAssembly.Module(readFileSync(new URL("./kernel.wasm", import.meta.url)));
  return compiled;
}
