import type { BillingDeps } from "../../deps";
import type { Effect } from "../../effect";
import { preparePaidInvoice } from "../../purchases/prepare-invoice";
import type { StoredEvent } from "../store-event";
import { objectIdOf } from "./object-id";

/** `invoice.paid`: grants what the invoice pays for. It also comes for payments outside Stripe. */
export async function onInvoicePaid(billing: BillingDeps, event: StoredEvent): Promise<Effect> {
  return preparePaidInvoice(billing, objectIdOf(event));
}
