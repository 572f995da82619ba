/** Reads the request headers that describe the body. */
import type { IncomingHttpHeaders } from "node:http";
import { Problem } from "../http/problem.js";
import type { BodyHeaders } from "./bodies.js";

/** Of bodies; whatever a type says, the body's content tells what it is. */
const TYPES = [
  ...["application/json", "application/x-ndjson", "text/csv"],
  ...["application/xml", "application/atom+xml", "text/xml"],
  ...["application/ndjson", "application/jsonl", "text/plain"],
  ...["application/vnd.apache.parquet", "application/zip"],
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
];
const NAMED = TYPES.join(", ");

/** @throws Problem `unsupported_type`, `unsupported_encoding` */
export function bodyHeadersOf(headers: IncomingHttpHeaders): BodyHeaders {
  checkType(headers["content-type"]);
  const length = headers["content-length"];
  return {
    length: length === undefined ? undefined : Number(length),
    encoding: encodingOf(headers["content-encoding"]),
  };
}

function checkType(header: string | undefined): void {
  // The fast path: a usual type in its usual spelling.
  if (header !== undefined && TYPES.includes(header)) return;
  const [type = "", ...parameters] = (header ?? "").split(";").map((part) => part.trim().toLowerCase());
  const headers = { accept: NAMED };
  if (!TYPES.includes(type))
    throw new Problem(
      "unsupported_type",
      header === undefined
        ? `there is no Content-Type; send ${NAMED}`
        : `Content-Type ${JSON.stringify(header.slice(0, 100))}: readings come as ${NAMED}`,
      { headers },
    );
  const charset = parameters
    .find((parameter) => parameter.startsWith("charset="))
    ?.slice(8)
    .replaceAll('"', "");
  if (charset !== undefined && charset !== "utf-8" && charset !== "utf8" && charset !== "us-ascii")
    throw new Problem("unsupported_type", `readings come as UTF-8, not as ${charset.slice(0, 40)}`, { headers });
}

function encodingOf(header: string | undefined): BodyHeaders["encoding"] {
  const encoding = header?.trim().toLowerCase();
  if (encoding === undefined || encoding === "" || encoding === "identity") return undefined;
  if (encoding === "gzip" || encoding === "x-gzip") return "gzip";
  if (encoding === "zstd") return "zstd";
  throw new Problem(
    "unsupported_encoding",
    `Content-Encoding ${JSON.stringify(encoding.slice(0, 100))}: bodies may be compressed with gzip or zstd, or not at all`,
    { headers: { "accept-encoding": "gzip, zstd" } },
  );
}
