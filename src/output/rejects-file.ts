/** `--rejects FILE`: bad records in a file of the user's choice. It is put in place at the end, even if the run fails. */
import { openNamed } from "./named-file.js";
import { RejectsWriter } from "./rejects.js";

/**
 * Opens `path` for bad records.
 * @param displayName its name in messages
 * @throws RunError if the disk fails, or the file is not one of bad records
 */
export function openRejects(path: string, displayName: string = path): RejectsWriter {
  const { file, place } = openNamed(path, displayName, {
    accepts: (head) => /^\{"input":"(?:[^"\\]|\\.)*","record":\d+,"line":\d+,/.test(head),
    refusal: `cannot write ${displayName}: the file exists and does not contain bad records; name another file, or move it away`,
  });
  return new RejectsWriter(file, place);
}
