/** The header that names sources which were asked for and have no reading: else they would look like measured zeros. */
import type { FastifyReply } from "fastify";

const UNKNOWN = "electro-unknown-sources";

/** Proxies take headers of some kilobytes: of more ids the header says how many more there are. */
const MOST = 2000;

export function tellUnknown(reply: FastifyReply, sources: readonly string[] | undefined): void {
  if (sources !== undefined && sources.length > 0) reply.header(UNKNOWN, listOf(sources));
}

/** Ids as percent-encoded UTF-8 with commas between, the unnamed source as `""`; `+N` in the end for N more of them. */
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
