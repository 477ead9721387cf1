import { and, eq, getTableColumns, or } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { payment } from "@/db/schema";
import type { PaymentsFilter } from "./input";
import { keysetPage, type Page, toPage } from "./keyset";

export type ListedPayment = typeof payment.$inferSelect & { readonly cursorAt: string };

/**
 * One page of all payments, newest first; `q` is a user's id, a payment's source (`checkout:cs_…`,
 * `invoice:in_…`, also without the first word), its payment intent or its subscription.
 */
export async function listAllPayments(
  reader: Reader,
  filter: PaymentsFilter,
  rowsAtOnce?: number,
): Promise<Page<ListedPayment>> {
  const order = { at: payment.paidAt, id: payment.id, ids: "asc" } as const;
  const { cursorAt, beyond, orderBy, limit } = keysetPage(order, filter, rowsAtOnce);
  const { q } = filter;
  const rows = await reader
    .select({ ...getTableColumns(payment), cursorAt })
    .from(payment)
    .where(and(beyond, q === "" ? undefined : concerns(q)))
    .orderBy(...orderBy)
    .limit(limit);
  return toPage(rows, filter, rowsAtOnce);
}

function concerns(q: string) {
  return or(
    eq(payment.userId, q),
    eq(payment.id, q),
    eq(payment.id, `checkout:${q}`),
    eq(payment.id, `invoice:${q}`),
    eq(payment.paymentIntentId, q),
    eq(payment.subscriptionId, q),
  );
}
