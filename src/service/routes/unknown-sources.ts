/** The header that names requested sources without a reading, which would otherwise look like measured zeros. */
import type { FastifyReply } from "fastify";

const UNKNOWN = "electro-unknown-sources";

/** Proxies accept headers of some kilobytes: the header only counts ids beyond this many characters. */
const MOST = 2000;

export function tellUnknown(reply: FastifyReply, sources: readonly string[] | undefined): void {
  if (sources !== undefined && sources.length > 0) reply.header(UNKNOWN, listOf(sources));
}

/** Ids as percent-encoded UTF-8, separated by commas, the unnamed source as `""`; `+N` at the end for N more. */
export function listOf(sources: readonly string[]): string {
  const names: string[] = [];
  let length = 0;
  for (const id of sources) {
    const name = id === "" ? '""' : encodeURIComponent(id);
    length += name.length + 1;
    if (length > MOST) return [...names, `+${sources.length - names.length}`].join();
    names.push(name);
  }
  return names.join();
}
