import { readLatestRun } from "@/admin/runs";
import { respond } from "@/app/api/respond";
import { requireAdmin } from "@/auth/session";
import { db } from "@/db";

export const dynamic = "force-dynamic";

/** The latest distribution run and how far it is, for the page that watches it. */
export async function GET(): Promise<Response> {
  return respond(async () => {
    await requireAdmin();
    const progress = await readLatestRun(db);
    return Response.json(progress, { headers: { "Cache-Control": "no-store" } });
  });
}
