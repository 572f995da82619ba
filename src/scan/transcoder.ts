/** From text in another encoding to UTF-8, block by block. What is not text there becomes a byte that is never in UTF-8. */

/** Is not UTF-8: so the record that has it is bad, and nothing is taken for a letter that it is not. */
const BAD_BYTE = Uint8Array.of(0xff);
/** The letters of windows-1252 at 0x80 to 0x9f; Node's decoder has other ones. */
const WINDOWS_1252 =
  "\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f" +
  "\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178";

/** Decodes blocks of bytes to text, in which what is not text is a lone surrogate, or U+FFFD. */
interface Decoder {
  decode(bytes: Uint8Array): string;
  /** What is left over at the end. */
  end(): string;
}

/** The name of an encoding by any label that browsers know; `undefined` for an unknown one. */
export function encodingOf(label: string): string | undefined {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}

/** The encoding that a byte-order mark tells; `undefined`: there is none. @param head the first four bytes, or all */
export function markedEncoding([a, b, c, d]: Uint8Array): "utf-8" | "utf-16le" | "utf-16be" | undefined {
  if (a === 0xef && b === 0xbb && c === 0xbf) return "utf-8";
  // Followed by two zeros, it is that of UTF-32.
  if (a === 0xff && b === 0xfe && !(c === 0 && d === 0)) return "utf-16le";
  return a === 0xfe && b === 0xff ? "utf-16be" : undefined;
}

export class Transcoder {
  private readonly decoder: Decoder;
  private readonly bad: RegExp;

  /** @param encoding of `encodingOf` */
  constructor(readonly encoding: string) {
    const isUtf16 = encoding.startsWith("utf-16");
    this.decoder = isUtf16
      ? new Utf16(encoding === "utf-16be")
      : encoding === "windows-1252"
        ? { decode: fromWindows1252, end: () => "" }
        : inOther(encoding);
    this.bad = isUtf16 ? /\p{Surrogate}/u : /\ufffd/;
  }

  /** The next bytes in UTF-8. */
  put(bytes: Uint8Array): Uint8Array {
    return this.encode(this.decoder.decode(bytes));
  }

  /** The last ones. */
  end(): Uint8Array {
    return this.encode(this.decoder.end());
  }

  private encode(text: string): Uint8Array {
    const [first = "", ...others] = text.split(this.bad);
    if (others.length === 0) return Buffer.from(first);
    return Buffer.concat([Buffer.from(first), ...others.flatMap((part) => [BAD_BYTE, Buffer.from(part)])]);
  }
}

function inOther(encoding: string): Decoder {
  const decoder = new TextDecoder(encoding, { ignoreBOM: true });
  return { decode: (bytes) => decoder.decode(bytes, { stream: true }), end: () => decoder.decode() };
}

function fromWindows1252(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
  return text.replace(/[\x80-\x9f]/g, (letter) => WINDOWS_1252[letter.charCodeAt(0) - 0x80] as string);
}

/** Keeps lone surrogates, which TextDecoder would replace by a letter that text may have, too. */
class Utf16 implements Decoder {
  /** A byte, or half of a pair of surrogates, that the next bytes complete. */
  private left: Buffer = Buffer.alloc(0);

  constructor(private readonly bigEndian: boolean) {}

  decode(bytes: Uint8Array): string {
    const all = Buffer.concat([this.left, bytes]);
    let length = all.length & ~1;
    const last = length > 0 ? all[length - (this.bigEndian ? 2 : 1)] : 0;
    if (last >= 0xd8 && last <= 0xdb) length -= 2;
    this.left = Buffer.from(all.subarray(length));
    return this.text(all.subarray(0, length));
  }

  end(): string {
    const { left } = this;
    this.left = Buffer.alloc(0);
    const text = this.text(left.subarray(0, left.length & ~1));
    // Half a unit is no text.
    return left.length % 2 === 0 ? text : `${text}\ud800`;
  }

  private text(bytes: Buffer): string {
    return (this.bigEndian ? Buffer.from(bytes).swap16() : bytes).toString("utf16le");
  }
}
