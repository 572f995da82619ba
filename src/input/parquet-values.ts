/** Values of Parquet's columns as JSON: exact, and as their types say. */
import { isUtf8 } from "node:buffer";
import type { SchemaElement } from "hyparquet";

/** A value, which is not null, as JSON. */
export type ColumnText = (value: unknown) => string;

/** Decimal places of the widest decimals; more are written with an exponent. */
const MOST_PLACES = 76;

const UNITS: Readonly<Record<string, readonly [each: bigint, digits: number]>> = {
  MILLIS: [1000n, 3],
  MICROS: [1_000_000n, 6],
  NANOS: [1_000_000_000n, 9],
};

/**
 * How the values of a column are written.
 * @returns `undefined` if it has no plain values
 */
export function plainText(element: SchemaElement): ColumnText | undefined {
  const { type, converted_type: converted, logical_type: logical, scale = 0 } = element;
  const unit = logical?.type === "TIMESTAMP" ? logical.unit : /^TIMESTAMP_(.*)$/.exec(converted ?? "")?.[1];
  if (type === "INT64" && unit !== undefined && unit in UNITS) {
    // Before there were logical types, timestamps were UTC's.
    const utc = logical?.type === "TIMESTAMP" ? logical.isAdjustedToUTC : true;
    return instantText(...(UNITS[unit] as [bigint, number]), utc ? "Z" : "");
  }
  if (type === "INT96") {
    const text = instantText(1_000_000_000n, 9, "");
    return (value) => text(nanosecondsOf(value as bigint));
  }
  if (logical?.type === "UUID") return (value) => JSON.stringify(uuidText(value as Uint8Array));
  if (converted === "DATE" || logical?.type === "DATE") return dateText;
  if (converted === "DECIMAL" || logical?.type === "DECIMAL") {
    const places = logical?.type === "DECIMAL" ? logical.scale : scale;
    return (value) => decimalText(value instanceof Uint8Array ? signedOf(value) : (value as bigint | number), places);
  }
  const isPlain = logical === undefined || ["STRING", "ENUM", "JSON", "INTEGER"].includes(logical.type);
  if (!isPlain || (converted !== undefined && /^(TIME_|INTERVAL|BSON|MAP|LIST)/.test(converted))) return undefined;
  if (type === "BOOLEAN") return String;
  if (type === "INT32" || type === "INT64") {
    const bits = type === "INT32" ? 32 : 64;
    const unsigned = logical?.type === "INTEGER" ? !logical.isSigned : converted?.startsWith("UINT_") === true;
    return unsigned ? (value) => String(BigInt.asUintN(bits, BigInt(value as number))) : String;
  }
  if (type === "DOUBLE") return (value) => numberText(value as number, String(value));
  if (type === "FLOAT") return (value) => numberText(value as number, shortestFloat(value as number));
  return type === "BYTE_ARRAY" ? stringText : undefined;
}

/** What is no number is no kWh value either, and is told as text. */
function numberText(value: number, text: string): string {
  return Number.isFinite(value) ? text : `"${text}"`;
}

/** The shortest decimal that is this 32-bit float and no other. */
function shortestFloat(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return String(Number(text));
  }
  return String(Number(value.toPrecision(9)));
}

/** With a point, as the kernel reads numbers. @param places decimal places */
function decimalText(unscaled: bigint | number, places: number): string {
  const text = String(unscaled);
  // A writer may say what it likes.
  if (places <= 0 || places > MOST_PLACES) return `${text}e-${places}`;
  const sign = text[0] === "-" ? "-" : "";
  const digits = text.slice(sign.length).padStart(places + 1, "0");
  return `${sign}${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

/** As RFC 9562 writes them. */
function uuidText(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** Big-endian two's complement. */
function signedOf(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n;
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
  return BigInt.asIntN(8 * bytes.length, BigInt(`0x${hex}`));
}

/**
 * @param each units a second
 * @param digits of a second's fraction
 */
function instantText(each: bigint, digits: number, zone: "Z" | ""): ColumnText {
  const perSecond = Number(each);
  let last: unknown;
  let shown = "";
  let second = Number.NaN;
  let text = "";
  return (value) => {
    // Rows of one moment stand together.
    if (value === last) return shown;
    last = value;
    const units = Number(value);
    let whole = Math.floor(units / perSecond);
    let fraction = units - whole * perSecond;
    if (!Number.isSafeInteger(units)) {
      const left = (((value as bigint) % each) + each) % each;
      whole = Number(((value as bigint) - left) / each);
      fraction = Number(left);
    }
    if (whole !== second) {
      second = whole;
      // What is in no year is told as it is.
      text = Math.abs(whole) < 8.64e12 ? new Date(whole * 1000).toISOString().slice(0, -5) : `second ${whole}`;
    }
    shown = `"${text}${fraction === 0 ? "" : `.${String(fraction).padStart(digits, "0")}`}${zone}"`;
    return shown;
  };
}

function dateText(value: unknown): string {
  const days = value as number;
  return `"${Math.abs(days) < 1e8 ? new Date(days * 86_400_000).toISOString().slice(0, -14) : `day ${days}`}"`;
}

/** Bytes that are no UTF-8 make a bad record, as anywhere. */
function stringText(value: unknown): string {
  const bytes = value as Uint8Array;
  return isUtf8(bytes)
    ? JSON.stringify(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString())
    : '"\\udfff"';
}

/** Of 12 bytes, the day, as astronomers count, and nanoseconds in it. */
function nanosecondsOf(value: bigint): bigint {
  return ((value >> 64n) - 2_440_588n) * 86_400_000_000_000n + BigInt.asUintN(64, value);
}
