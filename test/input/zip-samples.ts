/** Zip archives, made byte by byte, so that each part can be wrong. */
import { deflateRawSync } from "node:zlib";

export interface Member {
  name: string | Buffer;
  content: string | Uint8Array;
  /** 0: stored; 8: deflated. Default 8. */
  method?: number;
  flags?: number;
  crc?: number;
  size?: number;
  packed?: Buffer;
  /** Sizes and CRC come after the data. */
  descriptor?: boolean;
  /** Sizes are in the directory's extra fields. */
  zip64?: boolean;
  /** Where the directory says that it begins. */
  offset?: number;
}

/** CRC-32, bit by bit. */
function crcOf(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

export function zipOf(members: readonly Member[], comment = ""): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const member of members) {
    const { method = 8, descriptor = false, zip64 = false } = member;
    const name = Buffer.from(member.name as string);
    const content = Buffer.from(member.content as string);
    const packed = member.packed ?? (method === 8 ? deflateRawSync(content) : content);
    const size = member.size ?? content.length;
    const crc = member.crc ?? crcOf(content);
    const flags = member.flags ?? (Buffer.isBuffer(member.name) ? 0 : 0x800) | (descriptor ? 8 : 0);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(20, 4);
    local.writeUInt16LE(flags, 6);
    local.writeUInt16LE(method, 8);
    const sizes = descriptor ? [0, 0, 0] : [crc, packed.length, size];
    sizes.forEach((value, n) => void local.writeUInt32LE(value, 14 + 4 * n));
    local.writeUInt16LE(name.length, 26);
    const after = Buffer.alloc(descriptor ? 16 : 0);
    if (descriptor)
      [0x08074b50, crc, packed.length, size].forEach((value, n) => void after.writeUInt32LE(value, 4 * n));
    const extra = Buffer.alloc(zip64 ? 28 : 0);
    if (zip64) {
      extra.writeUInt16LE(1, 0);
      extra.writeUInt16LE(24, 2);
      extra.writeBigUInt64LE(BigInt(size), 4);
      extra.writeBigUInt64LE(BigInt(packed.length), 12);
      extra.writeBigUInt64LE(BigInt(member.offset ?? at), 20);
    }
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(flags, 8);
    central.writeUInt16LE(method, 10);
    central.writeUInt32LE(crc, 16);
    central.writeUInt32LE(zip64 ? 0xffffffff : packed.length, 20);
    central.writeUInt32LE(zip64 ? 0xffffffff : size, 24);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt16LE(extra.length, 30);
    central.writeUInt32LE(zip64 ? 0xffffffff : (member.offset ?? at), 42);
    directory.push(central, name, extra);
    parts.push(local, name, packed, after);
    at += 30 + name.length + packed.length + after.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(at, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...parts, listed, end, Buffer.from(comment)]);
}
