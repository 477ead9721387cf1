import { requireUser } from "@/accounts/session";
import { db } from "@/db";
import { now } from "@/lib/clock";
import { getSignInStatus } from "@/rewards/daily-sign-in";
import { respond } from "../../../respond";

export const dynamic = "force-dynamic";

/** Returns the signed-in user's daily sign-in status: today, streak, next milestone, this month. */
export async function GET(): Promise<Response> {
  return respond(async () => {
    const { id: userId, timeZone } = await requireUser();
    const status = await getSignInStatus(db, { userId, timeZone, at: now() });
    return Response.json({ status }, { headers: { "Cache-Control": "no-store" } });
  });
}
