import { requireUser } from "@/accounts/session";
import { db } from "@/db";
import { now } from "@/lib/clock";
import { getSignInStatus } from "@/rewards/daily-sign-in";
import { respond } from "../../../respond";

export const dynamic = "force-dynamic";

/** How the signed-in person's daily sign-in stands: today, streak, next milestone, this month. */
export async function GET(): Promise<Response> {
  return respond(async () => {
    const { id: userId, timeZone } = await requireUser();
    const status = await getSignInStatus(db, { userId, timeZone, at: now() });
    return Response.json({ status }, { headers: { "Cache-Control": "no-store" } });
  });
}
