/** A client that listens to events: it reads them as the standard says, and holds each to the service's document. */
import { once } from "node:events";
import { get, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { openapiDocument } from "../../dist/service/openapi/document.js";
import { until } from "../wait.mjs";
import { conformance } from "./conforms.js";

const conforms = conformance(openapiDocument("0"));

export interface Heard {
  readonly event: string;
  readonly id: string;
  // biome-ignore lint/suspicious/noExplicitAny: events are looked at member by member
  readonly data: any;
}

export interface Listening {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** All events so far; the first is the state. */
  readonly events: Heard[];
  /** Those that tell of changes. */
  readonly changes: Heard["data"][];
  comments: number;
  /** How the stream ended, if it has. */
  end: "whole" | "cut off" | undefined;
  /** Waits for so many changes in all, and returns the last. */
  change(count: number): Promise<Heard["data"]>;
  close(): void;
}

/** Resolves when the first event is there. */
export async function listen(
  { address }: { address: string },
  headers: Record<string, string> = {},
): Promise<Listening> {
  // A connection of its own, that nothing follows on.
  const request = get(`${address}/v1/events`, { headers, agent: false });
  const [response] = (await once(request, "response")) as [IncomingMessage];
  const status = response.statusCode ?? 0;
  const events: Heard[] = [];
  const changes: Heard["data"][] = [];
  const faults: unknown[] = [];
  const one: Listening = {
    ...{ status, headers: response.headers, events, changes, comments: 0, end: undefined },
    change: async (count) => {
      await until(`${count} changes are told`, () => changes.length >= count || faults.length > 0);
      if (faults.length > 0) throw faults[0];
      return changes[count - 1];
    },
    close: () => request.destroy(),
  };
  const take = (block: string) => {
    if (block === ":") {
      one.comments++;
      return;
    }
    const [, event = "", id = "", data = ""] = /^event: (\w+)\nid: (\d+)\ndata: (.*)$/.exec(block) ?? [];
    const body = `data: ${data}\n\n`;
    conforms({ method: "GET", path: "/v1/events", status, headers: response.headers, body });
    events.push({ event, id, data: JSON.parse(data) });
    if (event === "change") changes.push(JSON.parse(data));
  };
  let text = "";
  response.setEncoding("utf8").on("data", (piece) => {
    const blocks = (text + piece).split("\n\n");
    text = blocks.pop() ?? "";
    try {
      blocks.forEach(take);
    } catch (error) {
      faults.push(error);
    }
  });
  response
    .on("error", () => {})
    .on("close", () => {
      one.end = response.complete && text === "" ? "whole" : "cut off";
    });
  await until("the stream begins", () => events.length + faults.length > 0 || one.end !== undefined);
  if (faults.length > 0) throw faults[0];
  return one;
}
