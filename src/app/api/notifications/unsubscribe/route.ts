import { db } from "@/db";
import { env } from "@/env";
import { now } from "@/lib/clock";
import { setSubscription } from "@/notifications/unsubscribe";
import { respond } from "../../respond";

export const dynamic = "force-dynamic";

/**
 * One-click unsubscribe of mail programs (RFC 8058). The token alone authorizes the request, so its
 * origin is not checked and its body (`List-Unsubscribe=One-Click`) is not read. There is no GET:
 * link scanners would unsubscribe their users.
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
