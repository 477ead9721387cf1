import { openSync, readSync, statSync } from "node:fs";
import path from "node:path";

/** pino's number for errors. */
const ERROR_LEVEL = 50;

/** The standard output of the site with this data directory. */
export function logFileOf(dataDirectory: string): string {
  return path.join(dataDirectory, "site.log");
}

/**
 * Follows the site's log. Each call returns the errors logged since the last one, without alerts, which
 * report the state of the site and no request.
 */
export function followErrors(dataDirectory: string): () => string[] {
  const file = openSync(logFileOf(dataDirectory), "r");
  let position = statSync(logFileOf(dataDirectory)).size;
  return () => {
    const unread = Buffer.alloc(statSync(logFileOf(dataDirectory)).size - position);
    readSync(file, unread, 0, unread.length, position);
    const end = unread.lastIndexOf("\n") + 1;
    position += end;
    return unread.subarray(0, end).toString("utf8").split("\n").filter(isError);
  };
}

function isError(line: string): boolean {
  const level = /"level":(\d+)/.exec(line)?.[1];
  return Number(level) >= ERROR_LEVEL && !line.includes('"alert":');
}
