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
    /** A new one each time that the memory grows; if it is shared, those from before stay good for what they hold. */
    readonly buffer: ArrayBufferLike;
    grow(pages: number): number;
  }
}
