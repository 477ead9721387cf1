import { createHash, timingSafeEqual } from "node:crypto";

/** Compares two secrets. The time it takes reveals neither their contents nor their lengths. */
export function equalInConstantTime(given: string, expected: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
