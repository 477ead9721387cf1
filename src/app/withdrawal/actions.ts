"use server";

import { headers } from "next/headers";
import { getLocale } from "next-intl/server";
import { publicAction, userAction } from "@/accounts/safe-action";
import {
  contractInput,
  type Receipt,
  statementInput,
  submitStatement,
  withdrawFromContract,
} from "@/billing/consumer-rights/submit-withdrawal";
import { billingDeps } from "@/billing/deps";
import { runStripeCalls } from "@/billing/stripe/run-stripe-calls";
import { now } from "@/lib/clock";
import { limitAction } from "@/rate-limit/limit-action";

/** Files a visitor's statement of withdrawal, which names the purchase in words. Returns its receipt. */
export const fileStatement = publicAction
  .inputSchema(statementInput)
  .action(async ({ parsedInput }): Promise<Receipt> => {
    const userId = parsedInput.email.toLowerCase();
    await limitAction(await headers(), { action: "withdrawal", userId, perUser: 3 });
    return submitStatement(billingDeps, {
      ...parsedInput,
      locale: await getLocale(),
      now: now(),
    });
  });

/** Withdraws the caller from one of their purchases. Returns the statement's receipt. */
export const withdraw = userAction
  .inputSchema(contractInput)
  .action(async ({ parsedInput, ctx: { user } }): Promise<Receipt> => {
    const { id: userId } = user;
    await limitAction(await headers(), { action: "withdrawal", userId, perUser: 10 });
    const { receipt, callKeys } = await withdrawFromContract(billingDeps, {
      ...parsedInput,
      userId,
      locale: await getLocale(),
      now: now(),
    });
    await runStripeCalls(billingDeps, { keys: callKeys });
    return receipt;
  });
