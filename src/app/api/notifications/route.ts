import { requireUser } from "@/accounts/session";
import { db } from "@/db";
import { readBell } from "@/notifications/notices";
import { respond } from "../respond";

export const dynamic = "force-dynamic";

const LIMIT = 20;

/** Returns the signed-in user's newest notices and the number of all unread ones. */
export async function GET(): Promise<Response> {
  return respond(async () => {
    const user = await requireUser();
    const bell = await readBell(db, { userId: user.id, limit: LIMIT });
    return Response.json(bell, { headers: { "Cache-Control": "no-store" } });
  });
}
