import type { Billing } from "../context";
import type { Effect } from "../effect";
import type { StoredEvent } from "../inbox";
import { preparePaidInvoice } from "../prepare-invoice";
import { objectIdOf } from "./object-id";

/** `invoice.paid`: grants what the invoice pays for. It also comes for payments outside Stripe. */
export async function onInvoicePaid(billing: Billing, event: StoredEvent): Promise<Effect> {
  return preparePaidInvoice(billing, objectIdOf(event));
}
