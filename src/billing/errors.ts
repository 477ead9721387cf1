import { AppError } from "@/lib/errors";

/** There is a live subscription already; it is switched or ended in Stripe's portal. */
export class SecondSubscription extends AppError {
  constructor() {
    super({
      code: "second_subscription",
      status: 409,
      message: "There is a subscription already. Switch or end it in the billing portal.",
    });
  }
}

/** Membership for life is bought once. */
export class LifetimeHeld extends AppError {
  constructor() {
    super({
      code: "lifetime_held",
      status: 409,
      message: "This account has the lifetime membership already.",
    });
  }
}

/** Tabs of one person kept closing each other's payment pages; one of them has an open one. */
export class ConflictingTabs extends AppError {
  constructor() {
    super({
      code: "conflicting_tabs",
      status: 409,
      message: "Another tab opened a payment page at the same time. Try again in one of them.",
    });
  }
}

/** Nothing was ever bought, so Stripe's portal has nothing to show. */
export class NothingToManage extends AppError {
  constructor() {
    super({
      code: "nothing_to_manage",
      status: 409,
      message: "There is no purchase to manage yet.",
    });
  }
}

/** A request to the webhook that is refused before any work: `status` says why. */
export class WebhookRefused extends AppError {
  constructor(status: 400 | 405 | 413, message: string) {
    super({ code: "webhook_refused", status, message });
  }
}
