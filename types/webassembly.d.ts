/** The part of WebAssembly that Electro uses: Node has all of it, but its types do not declare it. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    constructor(module: Module, imports?: Record<string, Record<string, (...args: number[]) => number | undefined>>);
    readonly exports: Record<string, unknown>;
  }
  class Memory {
    /** A new one each time that the memory grows. */
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }
}
