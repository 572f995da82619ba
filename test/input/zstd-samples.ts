/** Frames of zstd: three packed by the `zstd` command (1.5.4), others laid by hand as RFC 8878 says. */

/** `readings()` with -19 and a checksum: content size given, one segment. */
export const CHECKED = packed(
  "KLUv/WSuDyUNAKaZPRlwTXO2bnkjahB+gP4/r5es7C1Toiy8+u/iQgAyADEATTx4mujSma95buvNMzracfOAiqmgYRZzUBQeiAiiYQJdDELC" +
    "MEwKicHCBAyhXZCXNl2BKzjvzWIcDUMEgmgoIoYSzv6mlHMd7ZJTmY3OZERO7O3HibA+57GhO89HWe28TdVp285q1rdqrqbUVJjs2EyoRgHK" +
    "bPuW6q8m1mpVZSgZa1sI2TlNn93XVJbeTLZzE2+3iZ7O8J7n5j/vaMvPv08/nXUFZ7WdDNVeXaon9XZj0RLqnSqrl95wqZfaWqrs3PvblH/9" +
    "mb2cDJWfXKPPEOoxmjqfO4CCqCFA02re/zNwK6PQGBL4HRAGAYWAXkAEhBL+0vfbGXtCii158lzVWfWDTD8v0jCrgZ8/PwAHYktdGVH+mA9v" +
    "zeO+bwGPRZr682TM+XM+eKqwZeru/CTzY992Pk/yNm80kheMU4URFKg/ED99QDC/RSxkB9/kuad/PIWKUe46pGJdIz3GJoqDD/ooxHxFk2gx" +
    "TMhZP+LmwQ9DFCj3tSKzS3ohRgERR8FWATC3fEo=",
);

/** `readings()` with -19 from a pipe, without a checksum: neither content size nor one segment. */
export const UNCHECKED = packed(
  "KLUv/QBoJQ0Appk9GXBNc7ZueSNqEH6A/j+vl6zsLVOiLLz67+JCADIAMQBNPHia6NKZr3lu680zOtpx84CKqaBhFnNQFB6ICKJhAl0MQsIw" +
    "TAqJwcIEDKFdkJc2XYErOO/NYhwNQwSCaCgihhLO/qaUcx3tklOZjc5kRE7s7ceJsD7nsaE7z0dZ7bxN1WnbzmrWt2quptRUmOzYTKhGAcps" +
    "+5bqrybWalVlKBlrWwjZOU2f3ddUlt5MtnMTb7eJns7wnufmP+9oy8+/Tz+ddQVntZ0M1V5dqif1dmPREuqdKquX3nCpl9paquzc+9uUf/2Z" +
    "vZwMlZ9co88Q6jGaOp87gIKoIUDTat7/M3Aro9AYEvgdEAYBhYBeQASEEv7S99sZe0KKLXnyXNVZ9YNMPy/SMKuBnz8/AAdiS10ZUf6YD2/N" +
    "475vAY9FmvrzZMz5cz54qrBl6u78JPNj33Y+T/I2bzSSF4xThREUqD8QP31AML9FLGQH3+S5p388hYpR7jqkYl0jPcYmioMP+ijEfEWTaDFM" +
    "yFk/4ubBD0MUKPe1IrNLeiFGARFHwVYB",
);

/** 3,000,000 zero bytes with -19 from a pipe: many blocks, a checksum. */
export const ZEROS = packed(
  "KLUv/QRoTAAACAABAPz/ORACAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQ" +
    "AAIAEAACABAAAgAQAAIAEAACABAAAzYOAAPJr9Y=",
);

/** A frame that holds no data, with any content. */
export function skippable(content: Uint8Array, kind = 0): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(0x184d2a50 + kind, 0);
  head.writeUInt32LE(content.length, 4);
  return Buffer.concat([head, content]);
}

export const EMPTY = frame([block(0, 0, Buffer.alloc(0), true)]);

/** Content as it is, in one block; at most 128 KiB. */
export function stored(content: Uint8Array): Buffer {
  return frame([block(0, content.length, content, true)]);
}

/** `count` blocks of 128 KiB of one byte each: four bytes a block. */
export function repeated(byte: number, count: number): Buffer {
  const one = block(1, 2 ** 17, Buffer.of(byte), false);
  return frame([...Array.from({ length: count - 1 }, () => one), block(1, 2 ** 17, Buffer.of(byte), true)]);
}

/** @param window the descriptor: 10 plus its upper five bits is the exponent of 2; default 128 KiB */
export function frame(blocks: readonly Uint8Array[], descriptor = 0, window = 7 << 3): Buffer {
  return Buffer.concat([Buffer.of(0x28, 0xb5, 0x2f, 0xfd, descriptor, window), ...blocks]);
}

export function block(type: number, size: number, content: Uint8Array, last: boolean): Buffer {
  const head = Buffer.alloc(3);
  head.writeUIntLE((size << 3) | (type << 1) | (last ? 1 : 0), 0, 3);
  return Buffer.concat([head, content]);
}

function packed(base64: string): Buffer {
  return Buffer.from(base64, "base64");
}
