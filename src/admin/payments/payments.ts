import { and, eq, getTableColumns, gte, lt, or, type SQL, sql } from "drizzle-orm";
import type { Executor } from "@/db/client";
import { payment } from "@/db/schema";
import { dayAfter, dayStart } from "@/lib/utc-period";
import type { PaymentsFilter } from "../input";
import { keysetPage, type Page, toPage } from "../lists/keyset";
import { listPaymentKinds } from "./payment-kinds";

export type ListedPayment = typeof payment.$inferSelect & { readonly cursorAt: string };

const ORDER = { at: payment.paidAt, id: payment.id, ids: "asc" } as const;

/**
 * One page of all payments, newest first unless asked otherwise; `q` is a user's id, a payment's
 * source (`checkout:cs_…`, `invoice:in_…`, also without the first word), its payment intent or its
 * subscription.
 */
export async function listAllPayments(
  reader: Executor,
  filter: PaymentsFilter,
  rowsAtOnce?: number,
): Promise<Page<ListedPayment>> {
  const { q, item, currency, back } = filter;
  const isFewAnyway = q !== "" || back === "refunded" || back === "disputed";
  if (!isFewAnyway && (item !== "" || currency !== ""))
    return toPage(await readByKind(reader, filter, rowsAtOnce), filter, rowsAtOnce);
  const { cursorAt, beyond, orderBy, limit } = keysetPage(ORDER, filter, rowsAtOnce);
  const rows = await reader
    .select({ ...getTableColumns(payment), cursorAt })
    .from(payment)
    .where(
      and(
        beyond,
        q === "" ? undefined : concerns(q),
        item === "" ? undefined : eq(payment.item, item),
        currency === "" ? undefined : eq(payment.currency, currency),
        ...conditions(filter),
      ),
    )
    .orderBy(...orderBy)
    .limit(limit);
  return toPage(rows, filter, rowsAtOnce);
}

/** Along the index of each kind that fits, as far as a page: a rare one is not sought among the rest. */
async function readByKind(
  reader: Executor,
  filter: PaymentsFilter,
  rowsAtOnce: number | undefined,
): Promise<ListedPayment[]> {
  const { item, currency } = filter;
  const fitting = (await listPaymentKinds(reader)).filter(
    (kind) =>
      (item === "" || kind.item === item) && (currency === "" || kind.currency === currency),
  );
  const { cursorAt, beyond, orderBy, limit } = keysetPage(ORDER, filter, rowsAtOnce);
  const ofKind = reader
    .select({ ...getTableColumns(payment), cursorAt: cursorAt.as("cursor_at") })
    .from(payment)
    .where(
      and(
        sql`${payment.item} = kind.item and ${payment.currency} = kind.currency`,
        beyond,
        ...conditions(filter),
      ),
    )
    .orderBy(...orderBy)
    .limit(limit)
    .as("of_kind");
  const items = sql.param(fitting.map((kind) => kind.item));
  const currencies = sql.param(fitting.map((kind) => kind.currency));
  return reader
    .select(ofKind._.selectedFields)
    .from(sql`unnest(${items}::text[], ${currencies}::text[]) as kind (item, currency)`)
    .crossJoinLateral(ofKind)
    .orderBy(
      ...keysetPage({ at: ofKind.paidAt, id: ofKind.id, ids: "asc" }, filter, rowsAtOnce).orderBy,
    )
    .limit(limit);
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

/** Written out where a partial index on them must be seen to fit. */
function conditions({ back, from, to }: PaymentsFilter): (SQL | undefined)[] {
  return [
    back === "refunded" ? sql`${payment.refundedCents} > 0` : undefined,
    back === "disputed" ? sql`${payment.disputedCents} > 0` : undefined,
    back === "none"
      ? sql`${payment.refundedCents} = 0 and ${payment.disputedCents} = 0`
      : undefined,
    from === undefined ? undefined : gte(payment.paidAt, dayStart(from)),
    to === undefined ? undefined : lt(payment.paidAt, dayAfter(to)),
  ];
}
