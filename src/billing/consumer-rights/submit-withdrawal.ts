import { addDays } from "date-fns";
import { and, eq, inArray, ne, or, sql } from "drizzle-orm";
import { z } from "zod";
import { enqueueAlert } from "@/alerts/alert";
import { catalog } from "@/catalog/catalog";
import type { Transaction } from "@/db/client";
import { lockUndeletedUser } from "@/db/lock-user";
import { outbox, withdrawal } from "@/db/schema";
import { enqueueEmail } from "@/emails/enqueue-email";
import { NotFound } from "@/lib/errors";
import type { Locale } from "@/lib/locales";
import { isPlainText, isVisible } from "@/lib/plain-text";
import type { BillingDeps } from "../deps";
import { enqueueStripeCall } from "../stripe/stripe-calls";
import { type Contract, canWithdraw, describeContract, listContracts } from "./contracts";
import { REIMBURSEMENT_DAYS } from "./withdrawal-rules";

export type Withdrawal = typeof withdrawal.$inferSelect;

/** What a link needs. The receipt goes to any address, so it must not carry anybody's links. */
const LINK = /:\/\/|www\.|\w\.\w{2,}\//i;

const line = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .refine(isPlainText)
    .refine(isVisible)
    .refine((text) => !/[\r\n\t]/.test(text), "must be one line")
    .refine((text) => !LINK.test(text), "must not contain a link");

/** A statement by a visitor, who names the purchase in words. `id` is created with the form. */
export const statementInput = z.strictObject({
  id: z.uuid(),
  name: line(100),
  /** Where the receipt goes. */
  email: z.email().max(254),
  purchase: line(200),
});

/** A statement by a signed-in user about one of their purchases. */
export const contractInput = z.strictObject({
  id: z.uuid(),
  contractId: z.string().regex(/^(checkout:cs|subscription:sub)_\w{1,200}$/),
});

/** What the consumer is shown and emailed: where the receipt goes, and when the statement arrived. */
export interface Receipt {
  readonly email: string;
  readonly purchase: string;
  readonly submittedAt: Date;
}

/**
 * Records a visitor's statement, emails its receipt and alerts the operator. Says nothing about whether
 * the purchase or an account exists. A resubmitted form returns the first receipt. The caller limits the
 * rate.
 * @throws NotFound if the catalogue offers no withdrawal
 */
export async function submitStatement(
  billing: BillingDeps,
  statement: z.output<typeof statementInput> & { locale: Locale; now: Date },
): Promise<Receipt> {
  requireOffered();
  const { id, name, email, purchase, locale, now } = statement;
  return billing.db.transaction((tx) =>
    record(tx, billing, {
      filed: { id, name, email, purchase, locale, userId: null, contractId: null },
      timeZone: "UTC",
      refund: null,
      now,
    }),
  );
}

/**
 * Withdraws a user from a purchase in its withdrawal period: records the statement, emails its receipt,
 * alerts the operator, and ends the purchase's subscription at once. An admin refunds it. A purchase that
 * was withdrawn from returns the first receipt. Returns the keys of the Stripe calls as well. Locks the
 * user's row.
 * @throws NotFound if the purchase is not the user's, or cannot be withdrawn from any more
 */
export async function withdrawFromContract(
  billing: BillingDeps,
  request: z.output<typeof contractInput> & { userId: string; locale: Locale; now: Date },
): Promise<{ receipt: Receipt; callKeys: readonly string[] }> {
  requireOffered();
  const { id, contractId, userId, locale, now } = request;
  return billing.db.transaction(async (tx) => {
    const owner = await lockUndeletedUser(tx, userId);
    if (owner === null) throw new NotFound("user");
    const known = await findFiled(tx, { userId, contractId });
    if (known !== undefined) return { receipt: known, callKeys: [] };
    const contracts = await listContracts(tx, { userId, now });
    const contract = contracts.find((one) => one.id === contractId);
    if (contract === undefined || !canWithdraw(contract, now)) throw new NotFound("purchase");
    const { timeZone, name, email } = owner;
    const purchase = describeContract(contract, { locale, timeZone });
    const receipt = await record(tx, billing, {
      filed: { id, name, email, purchase, locale, userId, contractId },
      timeZone,
      refund: { amountCents: contract.refundCents, currency: contract.currency },
      now,
    });
    return { receipt, callKeys: await endSubscription(tx, { contract, userId, now }) };
  });
}

/** Ends the contract's subscription at once. Returns the keys of the Stripe calls. */
export async function endSubscription(
  tx: Transaction,
  { contract, userId, now }: { contract: Contract; userId: string; now: Date },
): Promise<string[]> {
  const { id, subscriptionId } = contract;
  if (subscriptionId === null) return [];
  const key = `withdrawal:${id}:cancel`;
  await enqueueStripeCall(tx, { key, userId, call: { do: "cancel-now", subscriptionId }, now });
  return [key];
}

/**
 * Removes what names a person from the statements of a deleted account, and from those that were sent from
 * its address in words, with their receipts. What an open one needs for its refund stays.
 */
export async function eraseWithdrawals(
  tx: Transaction,
  { userId, email }: { userId: string; email: string },
): Promise<void> {
  const erased = await tx
    .update(withdrawal)
    .set({ name: "", email: "", purchase: "" })
    .where(or(eq(withdrawal.userId, userId), eq(sql`lower(${withdrawal.email})`, email)))
    .returning({ id: withdrawal.id });
  if (erased.length === 0) return;
  const keys = erased.map(({ id }) => `email:withdrawal:${id}`);
  await tx.delete(outbox).where(inArray(outbox.idempotencyKey, keys));
}

function requireOffered(): void {
  if (catalog.consumerRights === null) throw new NotFound("page");
}

async function findFiled(
  tx: Transaction,
  { userId, contractId }: { userId: string; contractId: string },
): Promise<Withdrawal | undefined> {
  const [known] = await tx
    .select()
    .from(withdrawal)
    .where(
      and(
        eq(withdrawal.userId, userId),
        eq(withdrawal.contractId, contractId),
        ne(withdrawal.status, "closed"),
      ),
    );
  return known;
}

async function record(
  tx: Transaction,
  billing: BillingDeps,
  {
    filed,
    timeZone,
    refund,
    now,
  }: {
    filed: Omit<typeof withdrawal.$inferInsert, "submittedAt" | "locale"> & { locale: Locale };
    timeZone: string;
    refund: { amountCents: number; currency: string } | null;
    now: Date;
  },
): Promise<Receipt> {
  const { id, name, email, purchase, userId = null } = filed;
  const inserted = await tx
    .insert(withdrawal)
    .values({ ...filed, submittedAt: now })
    .onConflictDoNothing({ target: withdrawal.id })
    .returning({ id: withdrawal.id });
  if (inserted.length === 0) {
    const [first] = await tx.select().from(withdrawal).where(eq(withdrawal.id, id));
    const isSame = first?.email === email && first.name === name && first.purchase === purchase;
    if (!isSame) throw new NotFound("form");
    return first;
  }
  await enqueueEmail(tx, {
    key: `withdrawal:${id}`,
    userId,
    to: email,
    locale: filed.locale,
    template: "withdrawal-received",
    props: {
      name,
      email,
      purchase,
      submittedAt: now.toISOString(),
      timeZone,
      days: REIMBURSEMENT_DAYS,
      refund,
    },
    now,
  });
  await enqueueAlert(
    tx,
    {
      key: `withdrawal:${id}`,
      subject: "A consumer has withdrawn from a contract",
      facts: { withdrawalId: id, reimburseBy: addDays(now, REIMBURSEMENT_DAYS).toISOString() },
      now,
    },
    billing.alertChannels,
  );
  return { email, purchase, submittedAt: now };
}
