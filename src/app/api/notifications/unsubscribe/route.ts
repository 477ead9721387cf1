import { db } from "@/db";
import { env } from "@/env";
import { now } from "@/lib/clock";
import { setSubscription } from "@/notifications/unsubscribe";
import { respond } from "../../respond";

export const dynamic = "force-dynamic";

/**
 * The button of a mail program (RFC 8058): one POST with no cookie and no page around it turns the
 * mails of the token off. The token is the whole proof, so where the request comes from says
 * nothing, and the body (`List-Unsubscribe=One-Click`) is not read. A GET changes nothing: programs
 * that check links would unsubscribe their users.
 */
export async function POST(request: Request): Promise<Response> {
  return respond(async () => {
    const token = new URL(request.url).searchParams.get("token") ?? "";
    await setSubscription(db, {
      token,
      secret: env.BETTER_AUTH_SECRET,
      isOn: false,
      now: now(),
    });
    return new Response(null, { status: 204 });
  });
}
