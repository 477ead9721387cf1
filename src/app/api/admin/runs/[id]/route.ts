import { z } from "zod";
import { requireAdmin } from "@/accounts/session";
import { readRunProgress } from "@/admin/distribution/runs";
import { respond } from "@/app/api/respond";
import { db } from "@/db";
import { NotFound } from "@/lib/errors";

export const dynamic = "force-dynamic";

/** The progress of one distribution run, which the runs page polls. */
export async function GET(
  _request: Request,
  { params }: { params: Promise<{ id: string }> },
): Promise<Response> {
  return respond(async () => {
    await requireAdmin();
    const id = z.uuid().safeParse((await params).id).data;
    const progress = id === undefined ? null : await readRunProgress(db, id);
    if (progress === null) throw new NotFound("distribution run");
    return Response.json(progress, { headers: { "Cache-Control": "no-store" } });
  });
}
