/** Where files of tests lie in memory, if the system has such a place: for thousands of flushes, and waits that count on quick ones. */
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";

export const IN_MEMORY = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
