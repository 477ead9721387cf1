import { and, eq, getTableColumns, gte, lt, or, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import type { Database, Executor } from "@/db/client";
import { payment } from "@/db/schema";
import { InvalidInput, NotFound } from "@/lib/errors";
import { dayAfter, dayStart } from "@/lib/utc-period";
import { type Audited, auditedInput, auditReason, recordAudit, targetId } from "./audit";
import { keysetPage, type Page, toPage } from "./lists/keyset";
import { choice, day, pageFields, searchText } from "./lists/query-fields";
import { readEmails } from "./users/emails";

/** Refunds, disputes and money owed that a payment can be filtered by. */
export const REVERSAL_FILTERS = ["any", "refunded", "disputed", "owed", "none"] as const;

export const paymentsQuery = z.object({
  q: searchText,
  item: choice,
  currency: choice,
  back: z.enum(REVERSAL_FILTERS).catch("any"),
  /** The first and the last day of payment. */
  from: day,
  to: day,
  ...pageFields,
});
export type PaymentsFilter = z.output<typeof paymentsQuery>;

export type ListedPayment = typeof payment.$inferSelect & { readonly cursorAt: string };

const ORDER = { at: payment.paidAt, id: payment.id, ids: "asc" } as const;

/** One page of payments, the kinds to filter by and the emails of the people on the page. */
export async function readPaymentsPage(reader: Executor, filter: PaymentsFilter) {
  const [page, kinds] = await Promise.all([
    listAllPayments(reader, filter),
    listPaymentKinds(reader),
  ]);
  const userIds = page.rows.map((row) => row.userId);
  return { page, kinds, emails: await readEmails(reader, userIds) };
}

/**
 * One page of all payments. `q` matches a user id, a source (`checkout:cs_…` or `invoice:in_…`, also
 * without its prefix), a payment intent or a subscription.
 */
export async function listAllPayments(
  reader: Executor,
  filter: PaymentsFilter,
  pageRows?: number,
): Promise<Page<ListedPayment>> {
  const { q, item, currency, back } = filter;
  const isSelective = q !== "" || ["refunded", "disputed", "owed"].includes(back);
  if (!isSelective && (item !== "" || currency !== ""))
    return toPage(await readByKind(reader, filter, pageRows), filter, pageRows);
  const { cursorAt, pastCursor, orderBy, limit } = keysetPage(ORDER, filter, pageRows);
  const rows = await reader
    .select({ ...getTableColumns(payment), cursorAt })
    .from(payment)
    .where(
      and(
        pastCursor,
        q === "" ? undefined : matchesId(q),
        item === "" ? undefined : eq(payment.item, item),
        currency === "" ? undefined : eq(payment.currency, currency),
        ...conditions(filter),
      ),
    )
    .orderBy(...orderBy)
    .limit(limit);
  return toPage(rows, filter, pageRows);
}

/** Reads at most one page of each matching kind from its index, so that rare kinds need no scan. */
async function readByKind(
  reader: Executor,
  filter: PaymentsFilter,
  pageRows: number | undefined,
): Promise<ListedPayment[]> {
  const { item, currency } = filter;
  const matching = (await listPaymentKinds(reader)).filter(
    (kind) =>
      (item === "" || kind.item === item) && (currency === "" || kind.currency === currency),
  );
  const { cursorAt, pastCursor, orderBy, limit } = keysetPage(ORDER, filter, pageRows);
  const ofKind = reader
    .select({ ...getTableColumns(payment), cursorAt: cursorAt.as("cursor_at") })
    .from(payment)
    .where(
      and(
        sql`${payment.item} = kind.item and ${payment.currency} = kind.currency`,
        pastCursor,
        ...conditions(filter),
      ),
    )
    .orderBy(...orderBy)
    .limit(limit)
    .as("of_kind");
  const items = sql.param(matching.map((kind) => kind.item));
  const currencies = sql.param(matching.map((kind) => kind.currency));
  return reader
    .select(ofKind._.selectedFields)
    .from(sql`unnest(${items}::text[], ${currencies}::text[]) as kind (item, currency)`)
    .crossJoinLateral(ofKind)
    .orderBy(
      ...keysetPage({ at: ofKind.paidAt, id: ofKind.id, ids: "asc" }, filter, pageRows).orderBy,
    )
    .limit(limit);
}

function matchesId(q: string) {
  return or(
    eq(payment.userId, q),
    eq(payment.id, q),
    eq(payment.id, `checkout:${q}`),
    eq(payment.id, `invoice:${q}`),
    eq(payment.invoiceId, q),
    eq(payment.paymentIntentId, q),
    eq(payment.subscriptionId, q),
  );
}

/** Literal where a partial index has the same condition. */
function conditions({ back, from, to }: PaymentsFilter): (SQL | undefined)[] {
  return [
    back === "refunded" ? sql`${payment.refundedCents} > 0` : undefined,
    back === "disputed" ? sql`${payment.disputedCents} > 0` : undefined,
    back === "owed" ? sql`${payment.owedCents} > 0` : undefined,
    back === "none"
      ? sql`${payment.refundedCents} = 0 and ${payment.disputedCents} = 0`
      : undefined,
    from === undefined ? undefined : gte(payment.paidAt, dayStart(from)),
    to === undefined ? undefined : lt(payment.paidAt, dayAfter(to)),
  ];
}

export const settlePaymentInput = auditedInput.extend({ paymentId: targetId, reason: auditReason });

/**
 * Records that what is owed for a payment was paid back outside Stripe, with a reason. A resubmitted
 * form (`id`) acts once. Locks the payment.
 * @throws NotFound, InvalidInput if nothing is owed, IdempotencyConflict
 */
export async function settlePayment(
  db: Database,
  { id, paymentId, reason, actorId, now }: Audited<typeof settlePaymentInput>,
): Promise<void> {
  await db.transaction(async (tx) => {
    const [row] = await tx.select().from(payment).where(eq(payment.id, paymentId)).for("update");
    if (row === undefined) throw new NotFound("payment");
    const { owedCents, settledCents, currency, userId } = row;
    const settled = { owedCents: 0, settledCents: settledCents + owedCents };
    const isNew = await recordAudit(tx, {
      id,
      actorId,
      action: "payment.settle",
      targetUserId: userId,
      reason,
      before: { paymentId, owedCents, settledCents, currency },
      after: settled,
      now,
    });
    if (!isNew) return;
    if (owedCents === 0) throw new InvalidInput("Nothing is owed for this payment.");
    await tx
      .update(payment)
      .set(settled)
      .where(and(eq(payment.userId, userId), eq(payment.id, paymentId)));
  });
}

const paymentKinds = z.array(z.object({ item: z.string(), currency: z.string() }));
/** A plan or pack with a currency it was paid in. */
export type PaymentKind = z.output<typeof paymentKinds>[number];

/**
 * Subquery of all payment kinds. A recursive skip scan of the `payment_kind` index finds the handful of
 * kinds in one step each, however many payments there are.
 */
export const PAYMENT_KINDS: SQL = sql`(
  with recursive kind as (
    (select item, currency from payment order by item, currency limit 1)
    union all
    select next.item, next.currency from kind cross join lateral (
      select p.item, p.currency from payment p
      where (p.item, p.currency) > (kind.item, kind.currency)
      order by p.item, p.currency limit 1
    ) next
  )
  select item, currency from kind
)`;

/** Every kind of payment, ordered by item and currency. */
export async function listPaymentKinds(reader: Executor): Promise<PaymentKind[]> {
  const rows = await reader.execute(
    sql`select item, currency from ${PAYMENT_KINDS} kind order by item, currency`,
  );
  return paymentKinds.parse([...rows]);
}
