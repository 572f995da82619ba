/** `Expect: 100-continue`: a client sends its body only once it is told to, after all that its headers say was checked. */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { Problem } from "./problem.js";

/** A property of the request, as its client's name is. */
const CONTINUE = Symbol("continue");
type WaitingRequest = IncomingMessage & { [CONTINUE]?: () => void };

/** Lets the application answer requests with expectations, which Node would do by itself. */
export function holdExpectations(server: Server): void {
  server.on("checkContinue", (request: WaitingRequest, response: ServerResponse) => {
    request[CONTINUE] = () => response.writeContinue();
    server.emit("request", request, response);
  });
  server.on("checkExpectation", (request, response) => server.emit("request", request, response));
}

/** @throws Problem `expectation_failed` for an expectation other than `100-continue` */
export function checkExpectation({ headers: { expect }, httpVersion }: IncomingMessage): void {
  // In HTTP/1.0 there is no such header.
  if (expect === undefined || httpVersion === "1.0" || expect.trim().toLowerCase() === "100-continue") return;
  throw new Problem(
    "expectation_failed",
    `Expect ${JSON.stringify(expect.slice(0, 100))}: the service knows 100-continue only; leave the header out`,
  );
}

/** Whether the client of a request waits to be asked for its body. */
export function waitsToSend(request: WaitingRequest): boolean {
  return request[CONTINUE] !== undefined;
}

/** Asks for the body of a request whose client waits for that. To be called before the body is read. */
export function askForBody(request: WaitingRequest): void {
  request[CONTINUE]?.();
  delete request[CONTINUE];
}
