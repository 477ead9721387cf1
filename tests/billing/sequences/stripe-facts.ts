import type Stripe from "stripe";
import type { Purchase, Reversal, StripeFacts, Subscription } from "./oracle";
import { NEXT_CREDITS } from "./price-moves";

const CREDITS_OF_PRICE: Readonly<Record<string, { item: Purchase["item"]; credits: number }>> = {
  price_pro_monthly: { item: "month", credits: 1000 },
  price_pro_yearly: { item: "year", credits: 1000 },
  price_pro_monthly_2: { item: "month", credits: NEXT_CREDITS },
  price_pro_yearly_2: { item: "year", credits: NEXT_CREDITS },
  price_max_monthly: { item: "month", credits: 3000 },
  price_max_yearly: { item: "year", credits: 3000 },
  price_solo_monthly: { item: "month", credits: 4000 },
  price_lifetime: { item: "lifetime", credits: 1000 },
  price_pack_basic: { item: "pack", credits: 100 },
  price_pack_enterprise: { item: "pack", credits: 1000 },
};

const TRIAL_CREDITS = 60;

/** Reads everything that happened at Stripe. The account has one of our customers. */
export async function readStripeFacts(
  stripe: Stripe,
  {
    sessionIds,
    failedAt,
    at,
    deletedAt,
  }: {
    sessionIds: readonly string[];
    /** When refunds of replaced purchases failed, by refund. Stripe does not say. */
    failedAt: ReadonlyMap<string, number>;
    at: number;
    deletedAt: number | null;
  },
): Promise<StripeFacts> {
  const limit = 100;
  const [subscriptions, invoices, invoicePayments, refunds, disputes, notes] = await Promise.all([
    stripe.subscriptions.list({ status: "all", limit }).autoPagingToArray({ limit: 1000 }),
    stripe.invoices.list({ limit }).autoPagingToArray({ limit: 1000 }),
    stripe.invoicePayments.list({ status: "paid", limit }).autoPagingToArray({ limit: 1000 }),
    stripe.refunds.list({ limit }).autoPagingToArray({ limit: 1000 }),
    stripe.disputes.list({ limit }).autoPagingToArray({ limit: 1000 }),
    stripe.creditNotes.list({ limit }).autoPagingToArray({ limit: 1000 }),
  ]);
  const sessions = await Promise.all(
    sessionIds.map((id) =>
      stripe.checkout.sessions.retrieve(id, {
        expand: ["line_items", "payment_intent.latest_charge"],
      }),
    ),
  );
  // Only our application issues credit notes.
  const refundsOfNotes = notes.flatMap((note) => note.refunds.map(({ refund }) => idOf(refund)));
  const reversalsOf = (intents: readonly string[]): Reversal[] => [
    ...refunds
      .filter(({ payment_intent: intent }) => intents.includes(idOf(intent)))
      .map((refund): Reversal => {
        const { id, amount, currency, status, created, reason } = refund;
        const isUndone = status === "failed" || status === "canceled";
        const isOurs = reason !== null || refundsOfNotes.includes(id);
        return {
          id,
          cents: amount,
          currency,
          kind: "refund",
          isStanding: !isUndone,
          isOpen: false,
          isOurs,
          at: created * 1000,
          failedAt: failedAt.get(id) ?? null,
        };
      }),
    ...disputes
      .filter(({ payment_intent: intent }) => intents.includes(idOf(intent)))
      .map((dispute): Reversal => {
        const { id, amount, currency, status, created } = dispute;
        const isOpen = status === "needs_response";
        return {
          id,
          cents: amount,
          currency,
          kind: "dispute",
          isStanding: status === "lost",
          isOpen,
          isOurs: false,
          at: created * 1000,
          failedAt: null,
        };
      }),
  ];
  const purchases: Purchase[] = [];
  for (const session of sessions) {
    const line = session.line_items?.data[0];
    const sold = CREDITS_OF_PRICE[line?.price?.id ?? ""];
    const intent = session.payment_intent;
    if (session.mode !== "payment" || session.payment_status !== "paid" || !sold) continue;
    if (intent === null || typeof intent === "string") continue;
    const charge = intent.latest_charge;
    if (charge === null || typeof charge === "string") continue;
    purchases.push({
      id: `checkout:${session.id}`,
      item: sold.item,
      credits: sold.credits * (line?.quantity ?? 1),
      reason: "once",
      fromCredits: 0,
      paidAt: charge.created * 1000,
      paidCents: session.amount_total ?? 0,
      chargedCents: session.amount_total ?? 0,
      currency: session.currency ?? "",
      subscriptionId: null,
      invoiceId: idOf(session.invoice) || null,
      startsAt: charge.created * 1000,
      endsAt: sold.item === "lifetime" ? Number.POSITIVE_INFINITY : null,
      paymentIntents: [intent.id],
      reversals: reversalsOf([intent.id]),
      returnedToBalanceCents: 0,
    });
  }
  for (const invoice of [...invoices].reverse()) {
    // The invoice of a one-time purchase. Its session counts instead.
    if (!invoice.parent?.subscription_details) continue;
    const { line, left } = billedBy(invoice);
    const sold = soldBy(line);
    // A trial's invoice costs nothing.
    if (invoice.status !== "paid" || !line || !sold || line.subtotal === 0) continue;
    const intents = invoicePayments
      .filter((payment) => idOf(payment.invoice) === invoice.id)
      .map(({ payment }) => idOf(payment.payment_intent));
    purchases.push({
      id: `invoice:${invoice.id}`,
      item: sold.item,
      credits: sold.credits,
      reason: left === undefined ? reasonOf(invoice) : "upgrade",
      fromCredits: soldBy(left)?.credits ?? 0,
      paidAt: (invoice.status_transitions.paid_at ?? invoice.created) * 1000,
      paidCents: invoice.total,
      chargedCents: invoice.amount_paid,
      currency: invoice.currency,
      subscriptionId: idOf(invoice.parent?.subscription_details?.subscription),
      invoiceId: invoice.id,
      startsAt: line.period.start * 1000,
      endsAt: line.period.end * 1000,
      paymentIntents: intents,
      reversals: reversalsOf(intents),
      returnedToBalanceCents: creditedCentsOf(notes, invoice.id),
    });
  }
  return {
    at,
    deletedAt,
    purchases,
    subscriptions: subscriptions.map((found) => subscriptionOf(found, invoices)),
  };
}

/** What the credit notes of an invoice returned to the customer balance. */
function creditedCentsOf(notes: readonly Stripe.CreditNote[], invoiceId: string): number {
  return notes
    .filter(({ invoice }) => idOf(invoice) === invoiceId)
    .flatMap(({ amount, refunds }) => [amount, ...refunds.map((one) => -one.amount_refunded)])
    .reduce((sum, cents) => sum + cents, 0);
}

/**
 * The line of the period that an invoice bills. If it bills the rest of one at a higher tier, the line of that
 * and the one that it replaces.
 */
function billedBy({ lines: { data } }: Stripe.Invoice) {
  const isProration = (one: Stripe.InvoiceLineItem) =>
    one.parent?.subscription_item_details?.proration === true;
  const period = data.find((one) => one.parent && !isProration(one));
  if (period !== undefined) return { line: period, left: undefined };
  return {
    line: data.find((one) => isProration(one) && one.amount > 0),
    left: data.find((one) => isProration(one) && one.amount <= 0),
  };
}

function soldBy(line: Stripe.InvoiceLineItem | undefined) {
  return CREDITS_OF_PRICE[idOf(line?.pricing?.price_details?.price)];
}

function reasonOf({ billing_reason: reason }: Stripe.Invoice): Purchase["reason"] {
  if (reason === "subscription_create") return "first";
  return reason === "subscription_update" ? "switch" : "renewal";
}

function subscriptionOf(
  found: Stripe.Subscription,
  invoices: readonly Stripe.Invoice[],
): Subscription {
  const ofIt = invoices.filter(
    (invoice) => idOf(invoice.parent?.subscription_details?.subscription) === found.id,
  );
  const isOver = found.status === "canceled" || found.status === "incomplete_expired";
  return {
    id: found.id,
    createdAt: found.created * 1000,
    endedAt: isOver ? (found.ended_at ?? found.created) * 1000 : null,
    status: found.status,
    isRenewing: found.cancel_at === null && !found.cancel_at_period_end,
    endComment: found.cancellation_details?.comment ?? "",
    creditsPerMonth: CREDITS_OF_PRICE[found.items.data[0]?.price.id ?? ""]?.credits ?? 0,
    trial: found.trial_start === null ? null : { id: `trial:${found.id}`, credits: TRIAL_CREDITS },
    openInvoices: ofIt
      .filter(
        ({ status, auto_advance: advances }) =>
          status === "open" || status === "uncollectible" || (status === "draft" && advances),
      )
      .map(({ id }) => id),
  };
}

function idOf(reference: string | { id: string } | null | undefined): string {
  if (reference === null || reference === undefined) return "";
  return typeof reference === "string" ? reference : reference.id;
}

/** The facts as readable lines. */
export function describeFacts({ purchases, subscriptions, at }: StripeFacts): string {
  const day = (instant: number | null) =>
    instant === null || !Number.isFinite(instant)
      ? String(instant)
      : new Date(instant).toISOString().slice(0, 16);
  return [
    `Stripe's facts at ${day(at)}:`,
    ...purchases.map(
      ({ id, item, reason, startsAt, endsAt, paidAt, paidCents, reversals }) =>
        `${id} ${item} (${reason}) ${day(startsAt)} to ${day(endsAt)}, paid ${paidCents} at ${day(paidAt)}` +
        reversals
          .map(
            (one) =>
              `; ${one.kind} ${one.cents} ${one.currency} ${one.isOpen ? "open" : one.isStanding ? "standing" : "undone"}${one.isOurs ? " by us" : ""}`,
          )
          .join(""),
    ),
    ...subscriptions.map(
      ({ id, status, createdAt, endedAt, openInvoices }) =>
        `${id} ${status} since ${day(createdAt)} until ${day(endedAt)}, open invoices: ${openInvoices.length}`,
    ),
  ].join("\n");
}
