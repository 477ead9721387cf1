import { AppError } from "@/lib/errors";

/** The user has a live subscription. They switch or cancel it in Stripe's portal. */
export class SecondSubscription extends AppError {
  constructor() {
    super({
      code: "second_subscription",
      status: 409,
      message: "You already have a subscription. Switch or cancel it in the billing portal.",
    });
  }
}

/** Lifetime membership can be bought only once. */
export class LifetimeHeld extends AppError {
  constructor() {
    super({
      code: "lifetime_held",
      status: 409,
      message: "You already have a lifetime membership.",
    });
  }
}

/** The item cannot be sold, for example because its price at Stripe is archived or missing. */
export class CheckoutRefused extends AppError {
  constructor(cause: unknown) {
    super({
      code: "checkout_refused",
      status: 409,
      message: "This item cannot be bought at the moment. We have been notified.",
      cause,
    });
  }
}

/** The item has no price in the currency that the client names. */
export class CurrencyUnavailable extends AppError {
  constructor({ item, currency }: { item: string; currency: string }) {
    super({
      code: "currency_unavailable",
      status: 409,
      message: `"${item}" is not sold in "${currency}". Reload the page and choose another currency.`,
    });
  }
}

/** Stripe lets a customer's concurrent subscriptions, discounts and quotes have one currency. */
export class CurrencyBound extends AppError {
  constructor({ currency, cause }: { currency: string; cause: unknown }) {
    super({
      code: "currency_bound",
      status: 409,
      message: `Your account has a subscription, discount or quote in ${currency}, which must end before you subscribe in another currency.`,
      details: { currency },
      cause,
    });
  }
}

/** Concurrent checkouts of the same user kept closing each other's payment pages. */
export class ConflictingTabs extends AppError {
  constructor() {
    super({
      code: "conflicting_tabs",
      status: 409,
      message: "Another tab opened a payment page at the same time. Try again in one of them.",
    });
  }
}

/** The user has no Stripe customer, so there is no portal to open. */
export class NothingToManage extends AppError {
  constructor() {
    super({
      code: "nothing_to_manage",
      status: 409,
      message: "There is no purchase to manage yet.",
    });
  }
}

/** The subscription's state does not allow the change, for example because it was changed elsewhere. */
export class PlanChangeUnavailable extends AppError {
  constructor({ cause }: { cause?: unknown } = {}) {
    super({
      code: "plan_change_unavailable",
      status: 409,
      message: "Your plan cannot be changed like this now. Reload the page to see its state.",
      cause,
    });
  }
}

/** A webhook request that is refused before any database work. */
export class WebhookRefused extends AppError {
  constructor(status: 400 | 405 | 413, message: string) {
    super({ code: "webhook_refused", status, message });
  }
}

/** No price at Stripe has the item's terms and amounts. `npm run stripe:setup` creates it. */
export class ItemUnavailable extends Error {
  constructor(item: string) {
    super(`No price at Stripe matches "${item}" of the catalogue. Run: npm run stripe:setup`);
    this.name = "ItemUnavailable";
  }
}

/** An earlier version's variable names a price that is missing or has other terms than its item. */
export class UnknownTerms extends Error {
  constructor(priceId: string) {
    super(
      `Price ${priceId} was not adopted: it does not exist, or its terms are not those of its item.`,
    );
    this.name = "UnknownTerms";
  }
}

/** Subscribers cannot be moved between these versions of a price. */
export class MigrationRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = "MigrationRefused";
  }
}

/** The buyer has not been asked for consent to immediate supply, which the page asks for next. */
export class ConsentRequired extends AppError {
  constructor() {
    super({
      code: "consent_required",
      status: 409,
      message: "The buyer has to agree to immediate supply first.",
    });
  }
}
