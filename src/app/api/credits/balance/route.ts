import { requireUser } from "@/accounts/session";
import { toLiveBalance } from "@/components/balance/to-live-balance";
import { db } from "@/db";
import { getBalance } from "@/ledger/reads/balance";
import { now } from "@/lib/clock";
import { respond } from "../../respond";

export const dynamic = "force-dynamic";

/** Returns the signed-in user's balance as of now. */
export async function GET(): Promise<Response> {
  return respond(async () => {
    const user = await requireUser();
    const at = now();
    const balance = await getBalance(db, { userId: user.id, now: at });
    return Response.json(
      { ...balance, ...toLiveBalance(balance, at) },
      { headers: { "Cache-Control": "no-store" } },
    );
  });
}
