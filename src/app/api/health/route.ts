import { sql } from "drizzle-orm";
import { db } from "@/db";
import { ServiceUnavailable } from "@/lib/errors";
import { respond } from "../respond";

export const dynamic = "force-dynamic";

/** For uptime monitors: 200 when the database answers, 503 when it does not. */
export async function GET(): Promise<Response> {
  return respond(async () => {
    try {
      await db.execute(sql`select 1`);
    } catch (error) {
      throw new ServiceUnavailable("The database", error);
    }
    return Response.json({ status: "ok" }, { headers: { "Cache-Control": "no-store" } });
  });
}
