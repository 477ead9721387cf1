import { addHours } from "date-fns";
import { sql } from "drizzle-orm";
import { z } from "zod";
import { ALLOTMENT_GRACE_HOURS, PLANS, SIGN_UP_GIFT } from "@/catalog/catalog";
import type { Transaction } from "@/db/client";
import { callLedger } from "./call-ledger";
import { credits, hours, instant } from "./parameters";

/**
 * What a new user starts with: the sign-up gift, the first free month and the schedule of the free
 * months to come. May be called any number of times; everything happens once. One call to the
 * database, which locks the account: make it the last statement before COMMIT.
 */
export async function openCreditAccount(
  tx: Transaction,
  { userId, now }: { userId: string; now: Date },
): Promise<void> {
  await callLedger(
    tx,
    sql`select credits_open_account(${userId}, ${credits(SIGN_UP_GIFT.credits)},
      ${instant(addHours(now, SIGN_UP_GIFT.expireDays * 24))}, ${credits(PLANS.free.creditsPerMonth)},
      ${hours(ALLOTMENT_GRACE_HOURS)}, ${instant(now)}) as answer`,
    z.boolean(),
  );
}
