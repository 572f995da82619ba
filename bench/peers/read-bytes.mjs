/**
 * Not a peer but a floor: `read-bytes.mjs FORM FILE` has one thread read the bytes (unpack them, where they are packed)
 * and do nothing with them.
 */
import { createReadStream, openSync, readSync } from "node:fs";
import { createGunzip } from "node:zlib";

const [form, file] = process.argv.slice(2);

if (form === "gzip") {
  const bytes = createReadStream(file).pipe(createGunzip({ chunkSize: 1 << 20 }));
  bytes.resume();
  await new Promise((resolve, reject) => bytes.on("end", resolve).on("error", reject));
} else {
  const fd = openSync(file, "r");
  // of 64 KiB to 32 MiB, 1 MiB is the fastest: it stays in the processor's cache
  const buffer = Buffer.alloc(1 << 20);
  while (readSync(fd, buffer) > 0);
}
