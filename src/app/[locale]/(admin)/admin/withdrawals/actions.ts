"use server";

import { refresh } from "next/cache";
import { sensitiveAdminAction } from "@/accounts/safe-action";
import {
  closeWithdrawal as closeStatement,
  closeWithdrawalInput,
  refundWithdrawal as refundStatement,
  refundWithdrawalInput,
} from "@/admin/withdrawals";
import { billingDeps } from "@/billing/deps";
import { runStripeCalls } from "@/billing/stripe/run-stripe-calls";
import { db } from "@/db";
import { now } from "@/lib/clock";

/** Refunds what the law requires for a statement and ends the contract's subscription. */
export const refundWithdrawal = sensitiveAdminAction
  .inputSchema(refundWithdrawalInput)
  .action(async ({ parsedInput, ctx: { user } }) => {
    const keys = await refundStatement(db, { ...parsedInput, actorId: user.id, now: now() });
    await runStripeCalls(billingDeps, { keys });
    refresh();
  });

/** Closes a statement without a refund from here. */
export const closeWithdrawal = sensitiveAdminAction
  .inputSchema(closeWithdrawalInput)
  .action(async ({ parsedInput, ctx: { user } }) => {
    await closeStatement(db, { ...parsedInput, actorId: user.id, now: now() });
    refresh();
  });
