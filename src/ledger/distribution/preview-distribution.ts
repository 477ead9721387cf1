import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Executor } from "@/db/client";
import { instant } from "../parameters";

const figure = z.coerce.number();
const preview = z
  .object({
    users: figure,
    granted_users: figure,
    allotments: figure,
    credits: figure,
    expiring_users: figure,
    expiring_lots: figure,
    expiring_credits: figure,
  })
  .transform((found) => ({
    /** All that a run would deal with, each once. */
    usersCount: found.users,
    grantedUsersCount: found.granted_users,
    allotmentCount: found.allotments,
    creditsToGrant: found.credits,
    expiringUsersCount: found.expiring_users,
    expiringLotCount: found.expiring_lots,
    creditsToExpire: found.expiring_credits,
  }));

/** What a run at `now` would grant and expire. Writes nothing. */
export async function previewDistribution(
  reader: Executor,
  now: Date,
): Promise<z.output<typeof preview>> {
  const [row] = await reader.execute(
    sql`select users, granted_users, allotments, credits, expiring_users, expiring_lots, expiring_credits
        from credits_distribution_preview(${instant(now)})`,
  );
  return preview.parse(row);
}
