import { getIP } from "better-auth/api";
import { db } from "@/db";
import { env } from "@/env";
import { clientAddressSource } from "@/lib/client-address";
import { now } from "@/lib/clock";
import { countAttempt } from "./rate-limit";

const WINDOW_SECONDS = 600;
/** A school or an office shares one network address. */
const USERS_PER_ADDRESS = 10;

const addressSource = { advanced: { ipAddress: clientAddressSource(env) } };

/**
 * Limits an action to `perUser` attempts in ten minutes, and to ten times as many from one network
 * address. If the address is unknown, only the limit by user applies. Throws `RateLimited`.
 */
export async function limitAction(
  caller: Request | Headers,
  { action, userId, perUser }: { action: string; userId: string; perUser: number },
): Promise<void> {
  const address = clientAddress(caller);
  if (address !== null) await count(`network:${address}|${action}`, perUser * USERS_PER_ADDRESS);
  await limitUser({ action, userId, perUser });
}

/** Returns the client's network address, or null if it is unknown. */
export function clientAddress(caller: Request | Headers): string | null {
  return getIP(caller, addressSource);
}

/** Limits an action to `perUser` attempts in ten minutes. Throws `RateLimited`. */
export async function limitUser({
  action,
  userId,
  perUser,
}: {
  action: string;
  userId: string;
  perUser: number;
}): Promise<void> {
  await count(`${action}:${userId}`, perUser);
}

async function count(key: string, limit: number): Promise<void> {
  const secret = env.BETTER_AUTH_SECRET;
  await countAttempt(db, { key, secret, limit, windowSeconds: WINDOW_SECONDS, now: now() });
}
