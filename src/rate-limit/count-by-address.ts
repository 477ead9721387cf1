import { createHash } from "node:crypto";
import { getIP } from "better-auth/api";
import { auth } from "@/auth/auth";
import { db } from "@/db";
import { now } from "@/lib/clock";
import { countAttempt } from "@/rate-limit/rate-limit";

/**
 * Counts an attempt of whoever shares the caller's network address, as sign-in does and by the same
 * rules about which header to believe; throws `RateLimited`. Hashed, as the table needs to tell
 * addresses apart and not to know them. Where no address is known only the limit by user holds.
 */
export async function countByAddress(
  caller: Request | Headers,
  attempt: { what: string; limit: number; windowSeconds: number },
): Promise<void> {
  const address = getIP(caller, auth.options);
  if (address === null) return;
  const who = createHash("sha256").update(address).digest("hex");
  const { what, ...rule } = attempt;
  await countAttempt(db, { key: `network:${who}|${what}`, ...rule, now: now() });
}
