import { requireRenderedFor, requireUser } from "@/accounts/session";
import { db } from "@/db";
import { now } from "@/lib/clock";
import { RENDERED_FOR_HEADER } from "@/lib/rendered-for";
import { limitAction } from "@/rate-limit/limit-action";
import { getSignInStatus, signInDaily } from "@/rewards/daily-sign-in";
import { requireSameOrigin } from "../../request";
import { respond } from "../../respond";

/**
 * Records the signed-in user's daily sign-in: 201 if it granted the credits, 200 if an earlier
 * request had. Both return the sign-in and the resulting status. A page names the person whom it was
 * rendered for in a header; 409 if someone else is signed in.
 */
export async function POST(request: Request): Promise<Response> {
  return respond(async () => {
    requireSameOrigin(request);
    const user = await requireUser();
    requireRenderedFor(user, request.headers.get(RENDERED_FOR_HEADER));
    const { id: userId, timeZone } = user;
    await limitAction(request, { action: "daily-signin", userId, perUser: 60 });
    const at = now();
    const { signIn, created } = await db.transaction((tx) => signInDaily(tx, { userId, now: at }));
    const status = await getSignInStatus(db, { userId, timeZone, at });
    return Response.json(
      { created, signIn, status },
      { status: created ? 201 : 200, headers: { "Cache-Control": "no-store" } },
    );
  });
}
