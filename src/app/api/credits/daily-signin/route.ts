import { requireUser } from "@/auth/session";
import { db } from "@/db";
import { now } from "@/lib/clock";
import { countByAddress } from "@/rate-limit/count-by-address";
import { countAttempt } from "@/rate-limit/rate-limit";
import { signInDaily } from "@/rewards/daily-sign-in";
import { getSignInStatus } from "@/rewards/daily-sign-in-status";
import { respond } from "../../respond";
import { requireSameOrigin } from "../../same-origin";

const BY_USER = { limit: 60, windowSeconds: 600 };
/** A school or an office has one address. */
const BY_ADDRESS = { limit: 600, windowSeconds: 600 };

/**
 * The day's sign-in: 201 when its credits were granted now, 200 when they had been before. Both
 * answer with the sign-in and with how things stand after it.
 */
export async function POST(request: Request): Promise<Response> {
  return respond(async () => {
    requireSameOrigin(request);
    const { id: userId, timeZone } = await requireUser();
    const at = now();
    await countByAddress(request, { what: "daily-signin", ...BY_ADDRESS });
    await countAttempt(db, { key: `daily-signin:${userId}`, ...BY_USER, now: at });
    const { signIn, created } = await db.transaction((tx) => signInDaily(tx, { userId, now: at }));
    const status = await getSignInStatus(db, { userId, timeZone, at });
    return Response.json(
      { created, signIn, status },
      { status: created ? 201 : 200, headers: { "Cache-Control": "no-store" } },
    );
  });
}
