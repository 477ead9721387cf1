import { exportPersonalData } from "@/accounts/personal-export";
import { requireUser } from "@/accounts/session";
import { db } from "@/db";
import { now } from "@/lib/clock";
import { downloadResponse } from "@/lib/download";
import { limitAction } from "@/rate-limit/limit-action";
import { respond } from "../../respond";

export const dynamic = "force-dynamic";

/** Returns everything that is stored about the signed-in user as one JSON file (docs/export.md). */
export async function GET(request: Request): Promise<Response> {
  return respond(async () => {
    const user = await requireUser();
    await limitAction(request, { action: "account-export", userId: user.id, perUser: 5 });
    return downloadResponse({
      filename: "qiflow-account.json",
      contentType: "application/json; charset=utf-8",
      parts: exportPersonalData(db, { userId: user.id, now: now() }),
    });
  });
}
