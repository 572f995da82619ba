/** What callers of the library pass as readings, or as places of readings. */

/** A `URL`, of whatever library has the type: `file:`, `http:` or `https:`. */
export interface Address {
  readonly href: string;
  readonly protocol: string;
}

/** Where inputs are: files, folders, globs, and addresses. */
export type Places = string | Address | readonly (string | Address)[];

/** A web stream of bytes or records, of whatever library has the type. */
export interface WebStream {
  getReader(): { read(): Promise<{ readonly done: boolean; readonly value?: unknown }>; cancel(): Promise<unknown> };
}

/**
 * Where readings come from: a place; the bytes of a dataset; or records, as an array, as any iterable, or as a web stream.
 * A record is an object; its fields have the default names, or those in the options.
 */
export type Dataset = string | Address | Uint8Array | Iterable<object> | AsyncIterable<object> | WebStream;

/** Several datasets, as places and bytes. */
export type Datasets = readonly (string | Address | Uint8Array)[];
