import { eq } from "drizzle-orm";
import type Stripe from "stripe";
import { z } from "zod";
import { itemName } from "@/catalog/items";
import { readSnapshot } from "@/db/repeatable-read";
import { payment, user } from "@/db/schema";
import type { Locale } from "@/lib/locales";
import { logger } from "@/lib/logger";
import { isPlainText } from "@/lib/plain-text";
import type { BillingDeps } from "../deps";
import {
  listPayments,
  listPendingPayments,
  type Payment,
  type PaymentCursor,
  type PendingPayment,
} from "../queries";
import { noneIfMissing, withTimeout } from "../stripe/call-stripe";
import { instantOf } from "../stripe/values";
import { planOf, subscriptionIdOf } from "./load-invoice";

const TIMEOUT_MS = 3_000;
/** The newest invoices that the list and its search know. */
const MAX_INVOICES = 300;

export const DOCUMENT_STATUSES = ["paid", "refunded", "pending", "open", "void"] as const;
export type DocumentStatus = (typeof DOCUMENT_STATUSES)[number];

/** The filter of the list: `?q=standard&status=refunded`. An invalid value does not filter. */
export const documentFilter = z.object({
  q: z.string().trim().max(200).refine(isPlainText).nullable().catch(null).default(null),
  status: z.enum(DOCUMENT_STATUSES).nullable().catch(null).default(null),
});

/** An invoice or a receipt. */
export interface BillingDocument {
  /** The payment's id, `invoice:in_…` of an invoice without a payment, or the pending session's id. */
  readonly id: string;
  /** When it was paid; when it was issued, if it is not. */
  readonly at: Date;
  /** Null for an invoice at a price that is not ours. */
  readonly item: string | null;
  readonly quantity: number;
  /** What it granted at once; null if nothing is paid. */
  readonly credits: number | null;
  /** Null while a bank debit is pending. */
  readonly money: { readonly amountCents: number; readonly currency: string } | null;
  readonly refundedCents: number;
  /** `refunded`: in part or whole. `void`: also uncollectible. */
  readonly status: DocumentStatus;
  /** The invoice's number; null for a receipt, or if Stripe did not respond. */
  readonly number: string | null;
  /** The hosted invoice, where an open one can be paid, or the receipt. */
  readonly pageUrl: string | null;
  readonly pdfUrl: string | null;
}

/**
 * A page of a user's invoices and receipts, newest first; pending bank debits come first. Payments come
 * from the database, invoice numbers, PDF links and unpaid invoices from Stripe. If Stripe does not
 * respond within three seconds, they are left out.
 */
export async function listDocuments(
  billing: BillingDeps,
  {
    userId,
    locale,
    filter: { q, status },
    before,
    limit = 20,
  }: {
    userId: string;
    /** Of the item names that `q` searches. */
    locale: Locale;
    filter: z.output<typeof documentFilter>;
    before?: PaymentCursor;
    limit?: number;
  },
): Promise<{ rows: BillingDocument[]; nextBefore: PaymentCursor | null }> {
  const invoices = await listInvoices(billing, userId);
  const sought = q === null || q === "" ? null : q.toLocaleLowerCase();
  const fits = (text: string | null) => text?.toLocaleLowerCase().includes(sought ?? "") === true;
  const nameFits = (item: string | null) => item !== null && fits(itemName(item, locale));
  const isWanted = status === null || status === "paid" || status === "refunded";
  const isPendingWanted = before === undefined && (status === null || status === "pending");
  // On one snapshot, so that a purchase recorded in the meantime is listed exactly once.
  const { known, pending, paid, nextBefore } = await readSnapshot(billing.db, async (tx) => {
    const purchases = await tx
      .selectDistinct({ item: payment.item, invoiceId: payment.invoiceId })
      .from(payment)
      .where(eq(payment.userId, userId));
    const waiting = isPendingWanted
      ? await listPendingPayments(tx, { userId, at: billing.clock() })
      : [];
    const { rows, ...cursor } = isWanted
      ? await listPayments(tx, {
          userId,
          limit,
          ...(before && { before }),
          ...(status !== null && { isRefunded: status === "refunded" }),
          ...(sought !== null && {
            anyOf: {
              items: purchases.map(({ item }) => item).filter(nameFits),
              invoiceIds: invoices.filter(({ number }) => fits(number)).map(({ id }) => id),
            },
          }),
        })
      : { rows: [], nextBefore: null };
    return { known: purchases, pending: waiting, paid: rows, ...cursor };
  });
  const recorded = new Set(known.map(({ invoiceId }) => invoiceId));
  const others = invoices
    .filter((invoice) => !recorded.has(invoice.id) && !isOfPurchase(invoice))
    .map((invoice) => ofInvoice(billing, invoice))
    .filter((one) => status === null || one.status === status)
    .filter((one) => sought === null || nameFits(one.item) || fits(one.number))
    .filter(({ at }) => at < (before?.paidAt ?? FAR) && at >= (nextBefore?.paidAt ?? new Date(0)));
  const ofPayments = paid.map((one) => {
    return ofPayment(
      one,
      invoices.find(({ id }) => id === one.invoiceId),
    );
  });
  const byDate = [...ofPayments, ...others].sort((a, b) => b.at.getTime() - a.at.getTime());
  const shownPending = pending.filter(({ item }) => sought === null || nameFits(item));
  return { rows: [...shownPending.map(ofPending), ...byDate], nextBefore };
}

const FAR = new Date(8.64e15);

async function listInvoices(billing: BillingDeps, userId: string): Promise<Stripe.Invoice[]> {
  const [owner] = await billing.db
    .select({ customer: user.stripeCustomerId })
    .from(user)
    .where(eq(user.id, userId));
  const customer = owner?.customer;
  if (!customer) return [];
  try {
    return await withTimeout(TIMEOUT_MS, fetchInvoices(billing, customer));
  } catch (error) {
    logger.warn({ err: error, userId }, "invoices could not be read from Stripe");
    return [];
  }
}

/** Without drafts, whose amount may change. */
async function fetchInvoices(billing: BillingDeps, customer: string): Promise<Stripe.Invoice[]> {
  const all = await noneIfMissing(
    billing.stripe.invoices
      .list({ customer, limit: 100 })
      .autoPagingToArray({ limit: MAX_INVOICES }),
  );
  await billing.prices.resolve(
    all.flatMap(({ lines }) => lines.data.map((line) => priceIdOf(line))),
  );
  return all.filter(({ status }) => status !== "draft");
}

/** Of a one-time purchase, which its payment shows, or its pending row until the payment is recorded. */
function isOfPurchase(invoice: Stripe.Invoice): boolean {
  return subscriptionIdOf(invoice) === null && Boolean(invoice.metadata?.userId);
}

function priceIdOf({ pricing }: Stripe.InvoiceLineItem): string | null {
  const price = pricing?.price_details?.price;
  return typeof price === "string" ? price : (price?.id ?? null);
}

function ofPending({ id, item, createdAt: at }: PendingPayment): BillingDocument {
  const unknown = { credits: null, money: null, refundedCents: 0, number: null };
  const links = { pageUrl: null, pdfUrl: null };
  return { id, at, item, quantity: 1, ...unknown, status: "pending", ...links };
}

function ofPayment(paid: Payment, invoice: Stripe.Invoice | undefined): BillingDocument {
  const { id, paidAt: at, item, quantity, credits, refundedCents, receiptUrl } = paid;
  const { amountCents, currency } = paid;
  return {
    id,
    at,
    item,
    quantity,
    credits,
    money: { amountCents, currency },
    refundedCents,
    status: refundedCents > 0 ? "refunded" : "paid",
    number: invoice?.number ?? null,
    // Stripe's links expire, so a fresh one comes first.
    pageUrl: invoice?.hosted_invoice_url ?? receiptUrl,
    pdfUrl: invoice?.invoice_pdf ?? null,
  };
}

function ofInvoice(billing: BillingDeps, invoice: Stripe.Invoice): BillingDocument {
  const plan = planOf(billing, { invoice, lines: invoice.lines.data });
  const { id, status, created, currency, number, hosted_invoice_url, invoice_pdf } = invoice;
  return {
    id: `invoice:${id}`,
    at: instantOf(created),
    item: plan?.item.id ?? null,
    quantity: 1,
    credits: null,
    money: { amountCents: invoice.total, currency },
    refundedCents: 0,
    status: status === "paid" ? "paid" : status === "open" ? "open" : "void",
    number,
    pageUrl: hosted_invoice_url ?? null,
    pdfUrl: invoice_pdf ?? null,
  };
}
