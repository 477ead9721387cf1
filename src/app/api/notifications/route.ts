import { requireUser } from "@/accounts/session";
import { db } from "@/db";
import { readBell } from "@/notifications/notices";
import { respond } from "../respond";

export const dynamic = "force-dynamic";

const NEWEST = 20;

/** The signed-in person's newest notices, and how many are unread in all. */
export async function GET(): Promise<Response> {
  return respond(async () => {
    const user = await requireUser();
    const bell = await readBell(db, { userId: user.id, limit: NEWEST });
    return Response.json(bell, { headers: { "Cache-Control": "no-store" } });
  });
}
