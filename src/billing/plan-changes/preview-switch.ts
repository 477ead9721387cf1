import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import type Stripe from "stripe";
import { z } from "zod";
import { findItem, type SubscriptionItem } from "@/catalog/items";
import type { Transaction } from "@/db/client";
import { payment } from "@/db/schema";
import type { BillingDeps } from "../deps";
import { PlanChangeUnavailable } from "../errors";
import { resolveUser } from "../owner";
import { type LoadedInvoice, planLineOf, planOf, switchLineOf } from "../purchases/load-invoice";
import { switchPlan } from "../purchases/switch-plan";
import { PeriodNotPaid, switchWithinPeriod } from "../purchases/switch-within-period";
import { callStripe, isRefused } from "../stripe/call-stripe";
import { idOf, instantOf } from "../stripe/values";
import { type LoadedSubscription, loadLiveSubscription } from "./load-subscription";

export const switchInput = z.strictObject({
  item: z.string().refine((id) => findItem(id)?.kind === "subscription", "is not a subscription"),
});

/** What a switch of plans does. */
export interface SwitchPreview {
  /** `later`: at the end of the running period. */
  readonly when: "now" | "later";
  /** When it takes effect; for `now`, when it was previewed. */
  readonly at: Date;
  /** What Stripe charges at once, after the credit for unused time, in minor units. */
  readonly dueCents: number;
  readonly currency: string;
  /** What the payment grants at once. */
  readonly creditsNow: number;
  readonly creditsPerMonth: number;
  /** The first renewal at the new price, and that price. */
  readonly renewsAt: Date;
  readonly priceCents: number;
}

/**
 * What switching the user's subscription to another item would do. Asks Stripe for the amount, and runs the
 * rules of a paid switch in a transaction that is rolled back, so that the preview is what will be granted.
 * @throws NotFound without a subscription, PlanChangeUnavailable if it cannot be switched, ServiceUnavailable
 */
export async function previewSwitch(
  billing: BillingDeps,
  { userId, item: itemId }: { userId: string; item: string },
): Promise<SwitchPreview> {
  const loaded = await loadLiveSubscription(billing, { userId });
  const { subscription, plan } = loaded;
  const item = findItem(itemId);
  if (item?.kind !== "subscription" || subscription.items.data.length !== 1) {
    throw new PlanChangeUnavailable();
  }
  const { currency } = subscription;
  const quantity = plan.line.quantity ?? 1;
  const price = item.amounts[currency];
  if (price === undefined) throw new PlanChangeUnavailable();
  const facts = {
    currency,
    creditsPerMonth: item.creditsPerMonth * quantity,
    priceCents: price * quantity,
  };
  if (takesEffectLater({ from: plan.item, to: item, currency })) {
    const at = instantOf(plan.line.current_period_end);
    return { when: "later", at, dueCents: 0, creditsNow: 0, renewsAt: at, ...facts };
  }
  const invoice = await previewInvoice(billing, { loaded, item });
  const lines = invoice.lines.data;
  await billing.prices.resolve(lines.map((line) => idOf(line.pricing?.price_details?.price)));
  const creditsNow = await previewCredits(billing, { invoice, lines }, loaded);
  const period = planLineOf(billing, { invoice, lines });
  const renewsAt = period?.endsAt ?? instantOf(plan.line.current_period_end);
  const at = billing.clock();
  return { when: "now", at, dueCents: invoice.amount_due, creditsNow, renewsAt, ...facts };
}

/** The conditions of our portal configuration (`dev/stripe-setup/set-up-portal.ts`). */
function takesEffectLater({
  from,
  to,
  currency,
}: {
  from: SubscriptionItem;
  to: SubscriptionItem;
  currency: string;
}): boolean {
  const shortens = from.interval === "year" && to.interval === "month";
  return shortens || (to.amounts[currency] ?? 0) < (from.amounts[currency] ?? 0);
}

async function previewInvoice(
  billing: BillingDeps,
  { loaded: { subscription, plan }, item }: { loaded: LoadedSubscription; item: SubscriptionItem },
): Promise<Stripe.Invoice> {
  const { priceId } = await billing.prices.priceOf(item);
  const quantity = plan.line.quantity ?? 1;
  try {
    return await callStripe(() =>
      billing.stripe.invoices.createPreview({
        subscription: subscription.id,
        subscription_details: {
          items: [{ id: plan.line.id, price: priceId, quantity }],
          proration_behavior: "always_invoice",
          // The portal ends a trial by a switch.
          ...(subscription.status === "trialing" && { trial_end: "now" }),
        },
      }),
    );
  } catch (error) {
    if (isRefused(error)) throw new PlanChangeUnavailable({ cause: error });
    throw error;
  }
}

/** Ends the transaction of a preview, so that nothing of it stays. */
class PreviewDone extends Error {
  constructor(readonly credits: number) {
    super("rolled back");
  }
}

/** What a paid invoice would grant at once. Locks the user's row for the moment. */
async function previewCredits(
  billing: BillingDeps,
  { invoice, lines }: LoadedInvoice,
  { subscription }: LoadedSubscription,
): Promise<number> {
  // Stripe's preview has an id that may repeat.
  const loaded = { invoice: { ...invoice, id: `in_preview_${randomUUID()}` }, lines };
  try {
    await billing.db.transaction(async (tx) => {
      await applySwitch(tx, billing, { loaded, subscription });
      const [granted] = await tx
        .select({ credits: payment.credits })
        .from(payment)
        .where(eq(payment.id, `invoice:${loaded.invoice.id}`));
      throw new PreviewDone(granted?.credits ?? 0);
    });
    return 0;
  } catch (error) {
    if (error instanceof PreviewDone) return error.credits;
    if (error instanceof PeriodNotPaid) throw new PlanChangeUnavailable({ cause: error });
    throw error;
  }
}

async function applySwitch(
  tx: Transaction,
  billing: BillingDeps,
  { loaded, subscription }: { loaded: LoadedInvoice; subscription: Stripe.Subscription },
): Promise<void> {
  const { invoice } = loaded;
  const hints = { customerId: idOf(subscription.customer), subscriptionId: subscription.id };
  const owner = await resolveUser(tx, { ...hints, claims: [] });
  const plan = planOf(billing, loaded);
  if ("refused" in owner || owner.recipient === null || plan === null) {
    throw new PlanChangeUnavailable();
  }
  const { userId, recipient } = owner;
  const paid = { userId, recipient, invoice, subscription, plan, now: billing.clock() };
  const period = planLineOf(billing, loaded);
  const line = switchLineOf(billing, loaded);
  if (period !== null) await switchPlan(tx, { ...paid, period });
  else if (line !== null) await switchWithinPeriod(tx, { ...paid, line });
}
