import { addDays } from "date-fns";
import { and, eq, getTableColumns, inArray, sql } from "drizzle-orm";
import { z } from "zod";
import { type Contract, canWithdraw, listContracts } from "@/billing/consumer-rights/contracts";
import { endSubscription, type Withdrawal } from "@/billing/consumer-rights/submit-withdrawal";
import { REIMBURSEMENT_DAYS } from "@/billing/consumer-rights/withdrawal-rules";
import { enqueueStripeCall } from "@/billing/stripe/stripe-calls";
import type { Database, Executor, Transaction } from "@/db/client";
import { lockUser } from "@/db/lock-user";
import { payment, user, withdrawal } from "@/db/schema";
import { InvalidInput, NotFound } from "@/lib/errors";
import { type Audited, auditedInput, auditReason, recordAudit, targetId } from "./audit";
import { keysetPage, type Page, toPage } from "./lists/keyset";
import { searchText, uuidPageFields } from "./lists/query-fields";

export const WITHDRAWAL_FILTERS = ["open", "done", "any"] as const;

export const withdrawalsQuery = z.object({
  q: searchText,
  status: z.enum(WITHDRAWAL_FILTERS).catch("open"),
  ...uuidPageFields,
});
export type WithdrawalsFilter = z.output<typeof withdrawalsQuery>;

/** A contract that a statement may be about, as it was when the statement arrived. */
export interface MatchedContract extends Contract {
  /** Whether the statement arrived within the withdrawal period. */
  readonly isInTime: boolean;
}

export interface ListedWithdrawal extends Withdrawal {
  /** When the refund is due by law. */
  readonly reimburseBy: Date;
  /** The user of the account or, for an open statement in words, of the email address or reference. */
  readonly matchedUserId: string | null;
  /** The statement's contract, or those of the matched user. Empty for one that is done. */
  readonly contracts: readonly MatchedContract[];
}

const ORDER = { at: withdrawal.submittedAt, id: withdrawal.id, ids: "asc" } as const;

/**
 * One page of statements, newest first, each open one with the contracts that it may be about and what the
 * law refunds for each. `q` matches a statement's id, user or email address.
 */
export async function listWithdrawals(
  reader: Executor,
  filter: WithdrawalsFilter,
): Promise<Page<ListedWithdrawal & { cursorAt: string }>> {
  const { q, status } = filter;
  const { cursorAt, pastCursor, orderBy, limit } = keysetPage(ORDER, filter);
  const rows = await reader
    .select({ ...getTableColumns(withdrawal), cursorAt })
    .from(withdrawal)
    .where(
      and(
        pastCursor,
        status === "any"
          ? undefined
          : inArray(withdrawal.status, status === "open" ? ["open"] : ["refunded", "closed"]),
        q === ""
          ? undefined
          : sql`(${withdrawal.id}::text = ${q} or ${withdrawal.userId} = ${q} or lower(${withdrawal.email}) = lower(${q}))`,
      ),
    )
    .orderBy(...orderBy)
    .limit(limit);
  const { rows: shown, ...page } = toPage(rows, filter);
  const listed = [];
  for (const row of shown) listed.push({ ...row, ...(await describe(reader, row)) });
  return { ...page, rows: listed };
}

async function describe(
  reader: Executor,
  row: Withdrawal,
): Promise<Pick<ListedWithdrawal, "reimburseBy" | "matchedUserId" | "contracts">> {
  const reimburseBy = addDays(row.submittedAt, REIMBURSEMENT_DAYS);
  const matchedUserId = row.userId ?? (await findUser(reader, row));
  const isDone = row.status !== "open" || matchedUserId === null;
  const contracts = isDone ? [] : await readContracts(reader, row, matchedUserId);
  return { reimburseBy, matchedUserId, contracts };
}

/** The user with the statement's address, or else of the payment whose reference it quotes. */
async function findUser(
  reader: Executor,
  { email, purchase }: Pick<Withdrawal, "email" | "purchase">,
): Promise<string | null> {
  const [known] = await reader
    .select({ id: user.id })
    .from(user)
    .where(eq(user.email, email.toLowerCase()));
  if (known !== undefined) return known.id;
  const references = purchase.match(/\b(cs|in|sub|pi)_\w+/g) ?? [];
  if (references.length === 0) return null;
  const [paid] = await reader
    .select({ userId: payment.userId })
    .from(payment)
    .where(
      sql`${payment.sessionId} in ${references} or ${payment.invoiceId} in ${references}
        or ${payment.subscriptionId} in ${references} or ${payment.paymentIntentId} in ${references}`,
    )
    .limit(1);
  return paid?.userId ?? null;
}

/** As of the statement: credits used later are not part of what the consumer pays for. */
async function readContracts(
  reader: Executor,
  { contractId, submittedAt }: Pick<Withdrawal, "contractId" | "submittedAt">,
  userId: string,
): Promise<MatchedContract[]> {
  const contracts = await listContracts(reader, { userId, at: submittedAt });
  return contracts
    .filter(({ id, isWithdrawn }) => (contractId === null ? !isWithdrawn : id === contractId))
    .map((one) => ({
      ...one,
      isInTime: canWithdraw({ ...one, isWithdrawn: false }, submittedAt),
    }));
}

export const refundWithdrawalInput = auditedInput.extend({
  withdrawalId: z.uuid(),
  contractId: targetId,
});

/**
 * Refunds what the law requires for a withdrawal and ends the contract's subscription. Stripe refunds
 * afterwards, and its events revoke the credits by the rules of every refund. A resubmitted form (`id`)
 * acts once. Returns the keys of the Stripe calls. Locks the user and the statement.
 * @throws NotFound, InvalidInput if the statement is closed or the contract is not one it may be about
 */
export async function refundWithdrawal(
  db: Database,
  input: Audited<typeof refundWithdrawalInput>,
): Promise<string[]> {
  const { id, withdrawalId, contractId, actorId, now } = input;
  return db.transaction(async (tx) => {
    const userId = await findOwner(tx, withdrawalId);
    await lockUser(tx, userId);
    const row = await lockWithdrawal(tx, withdrawalId);
    const isRecorded = row.status !== "open";
    const contracts = isRecorded ? [] : await readContracts(tx, row, userId);
    const contract = contracts.find((one) => one.id === contractId);
    const isNew = await recordAudit(tx, {
      id,
      actorId,
      action: "withdrawal.refund",
      targetUserId: userId,
      before: { withdrawalId, contractId },
      after: {
        refundCents: contract?.refundCents ?? null,
        currency: contract?.currency ?? null,
        usedCredits: contract?.usedCredits ?? null,
      },
      now,
    });
    if (!isNew) return [];
    if (contract === undefined) throw new InvalidInput("The statement is not about this contract.");
    await tx
      .update(withdrawal)
      .set({ status: "refunded", closedAt: now, userId, contractId })
      .where(eq(withdrawal.id, withdrawalId));
    const cancels = await endSubscription(tx, { contract, userId, now });
    return [...cancels, ...(await enqueueRefunds(tx, { contract, withdrawalId, userId, now }))];
  });
}

export const closeWithdrawalInput = auditedInput.extend({
  withdrawalId: z.uuid(),
  reason: auditReason,
});

/**
 * Closes a statement without a refund from here, with the reason: the right does not exist, or the money
 * was returned another way. A resubmitted form (`id`) acts once. Locks the statement.
 * @throws NotFound, InvalidInput if it is closed already
 */
export async function closeWithdrawal(
  db: Database,
  { id, withdrawalId, reason, actorId, now }: Audited<typeof closeWithdrawalInput>,
): Promise<void> {
  await db.transaction(async (tx) => {
    const row = await lockWithdrawal(tx, withdrawalId);
    const isNew = await recordAudit(tx, {
      id,
      actorId,
      action: "withdrawal.close",
      targetUserId: row.userId,
      reason,
      before: { withdrawalId },
      now,
    });
    if (!isNew) return;
    if (row.status !== "open") throw new InvalidInput("The statement is closed already.");
    await tx
      .update(withdrawal)
      .set({ status: "closed", closedAt: now })
      .where(eq(withdrawal.id, withdrawalId));
  });
}

async function findOwner(tx: Transaction, withdrawalId: string): Promise<string> {
  const [row] = await tx.select().from(withdrawal).where(eq(withdrawal.id, withdrawalId));
  if (row === undefined) throw new NotFound("withdrawal");
  const userId = row.userId ?? (await findUser(tx, row));
  if (userId === null) throw new InvalidInput("No account matches the statement.");
  return userId;
}

async function lockWithdrawal(tx: Transaction, id: string): Promise<Withdrawal> {
  const [row] = await tx.select().from(withdrawal).where(eq(withdrawal.id, id)).for("update");
  if (row === undefined) throw new NotFound("withdrawal");
  return row;
}

/** Takes the refund from the latest payments first, each at most for what remains of it. */
async function enqueueRefunds(
  tx: Transaction,
  {
    contract,
    withdrawalId,
    userId,
    now,
  }: { contract: Contract; withdrawalId: string; userId: string; now: Date },
): Promise<string[]> {
  const keys: string[] = [];
  let left = contract.refundCents;
  for (const paid of contract.payments) {
    const { paymentIntentId } = paid;
    const remaining = paid.amountCents - paid.refundedCents - paid.disputedCents;
    const amountCents = Math.min(left, remaining);
    if (amountCents <= 0 || paymentIntentId === null) continue;
    left -= amountCents;
    const key = `withdrawal:${withdrawalId}:refund:${paymentIntentId}`;
    await enqueueStripeCall(tx, {
      key,
      userId,
      call: { do: "refund-withdrawal", paymentIntentId, amountCents, withdrawalId },
      now,
    });
    keys.push(key);
  }
  return keys;
}
