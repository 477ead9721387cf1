import type { Transaction } from "@/db/client";
import { grantSubscriptionMonth, grantYearlyStart } from "@/ledger/grant";
import type { CreditWrite } from "../effect";
import type { PaidInvoice } from "./bill";
import { firstAllotmentExpiry, monthExpiry } from "./credit-expiry";
import { insertInvoicePayment } from "./insert-invoice-payment";
import type { PlanLine } from "./load-invoice";
import { sendPurchaseReceived } from "./receipts";

/**
 * A paid period begins: records its payment and answers the write that grants its allotment: the
 * month's, or the year's first together with the schedule of the others.
 */
export async function startPeriod(
  tx: Transaction,
  started: PaidInvoice & { period: PlanLine },
): Promise<CreditWrite[]> {
  const { to, userId, invoice, subscription, period, now } = started;
  const credits = period.item.creditsPerMonth;
  const isMonth = period.item.id === "pro-monthly";
  const isNew = await insertInvoicePayment(tx, { ...started, credits });
  if (!isNew) return [];
  await sendPurchaseReceived(tx, {
    to,
    source: `invoice:${invoice.id}`,
    item: period.item.id,
    credits,
    amountCents: Math.max(0, invoice.amount_paid),
    currency: invoice.currency,
    expiresAt: isMonth
      ? monthExpiry({ periodEndsAt: period.endsAt, now })
      : firstAllotmentExpiry({ anchorAt: period.startsAt, now }),
    now,
  });
  const grant = { userId, invoiceId: invoice.id, credits, now };
  return isMonth
    ? [(last) => grantSubscriptionMonth(last, { ...grant, periodEndsAt: period.endsAt })]
    : [
        (last) =>
          grantYearlyStart(last, {
            ...grant,
            subscriptionId: subscription.id,
            anchorAt: period.startsAt,
            endsAt: period.endsAt,
          }),
      ];
}
