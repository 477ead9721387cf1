import { graceHoursOf, type SubscriptionItem } from "@/catalog/items";
import type { Transaction } from "@/db/client";
import { emailInsert } from "@/emails/enqueue-email";
import { localeOf } from "@/lib/locales";
import type { Recipient } from "../purchases/receipts";

/** The outbox key of the email about a price change. The change waits until it is sent. */
export function announcementKey(id: string): string {
  return `price-change:${id}`;
}

/**
 * Emails what changes and when, once per price change. Amounts and credits are those of all `quantity`
 * plans.
 * @throws if the email cannot be written, because nobody is moved without it
 */
export async function announcePriceChange(
  tx: Transaction,
  change: {
    id: string;
    recipient: Recipient;
    from: SubscriptionItem;
    to: SubscriptionItem;
    currency: string;
    quantity: number;
    effectiveAt: Date;
    now: Date;
  },
): Promise<void> {
  const { recipient, from, to, currency, quantity, effectiveAt } = change;
  const { userId, email, locale, timeZone } = recipient;
  const termsOf = (item: SubscriptionItem) => ({
    amountCents: (item.amounts[currency] ?? 0) * quantity,
    credits: item.creditsPerMonth * quantity,
    graceHours: graceHoursOf(item),
  });
  const insert = emailInsert(
    tx,
    [
      {
        key: announcementKey(change.id),
        userId,
        to: email,
        locale: localeOf(locale),
        template: "price-change",
        props: {
          item: to.id,
          interval: to.interval,
          currency,
          before: termsOf(from),
          after: termsOf(to),
          effectiveAt: effectiveAt.toISOString(),
          timeZone,
        },
      },
    ],
    change.now,
  );
  if (insert === null) throw new Error(`The email to user ${userId} is invalid.`);
  await insert;
}
