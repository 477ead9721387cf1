"use server";

import { refresh } from "next/cache";
import { sensitiveAdminAction } from "@/accounts/safe-action";
import { settlePayment, settlePaymentInput } from "@/admin/payments";
import { db } from "@/db";
import { now } from "@/lib/clock";

/** Marks the money owed for a payment as paid back outside Stripe. */
export const settleOwedPayment = sensitiveAdminAction
  .inputSchema(settlePaymentInput)
  .action(async ({ parsedInput, ctx: { user } }) => {
    await settlePayment(db, { ...parsedInput, actorId: user.id, now: now() });
    refresh();
  });
