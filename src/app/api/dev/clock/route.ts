import { z } from "zod";
import { db } from "@/db";
import { clockOffset } from "@/db/schema/jobs";
import { env } from "@/env";
import { clockOffsetMs, now, setClockOffsetMs } from "@/lib/clock";
import { equalInConstantTime } from "@/lib/constant-time";
import { AppError, NotFound } from "@/lib/errors";
import { readAuthorization } from "../../request";
import { respond } from "../../respond";

export const dynamic = "force-dynamic";

const body = z.object({ offsetMs: z.int().nonnegative() });

class ClockRunsForward extends AppError {
  constructor() {
    super({ code: "clock_runs_forward", status: 409, message: "The clock only moves forward." });
  }
}

/**
 * Moves the application's clock together with the Stripe simulator's. Embedded mode only. The offset
 * is stored in the database, so that it survives a restart.
 */
export async function POST(request: Request): Promise<Response> {
  return respond(async () => {
    const { scheme, credentials } = readAuthorization(request);
    const isSimulator =
      scheme === "bearer" && equalInConstantTime(credentials, env.STRIPE_WEBHOOK_SECRET);
    if (!env.QIFLOW_EMBEDDED || !isSimulator) {
      throw new NotFound("page");
    }
    const { offsetMs } = body.parse(await request.json());
    if (offsetMs < clockOffsetMs()) throw new ClockRunsForward();
    await db
      .insert(clockOffset)
      .values({ id: 1, offsetMs })
      .onConflictDoUpdate({ target: clockOffset.id, set: { offsetMs } });
    setClockOffsetMs(offsetMs);
    return Response.json({ now: now().toISOString(), offsetMs });
  });
}
