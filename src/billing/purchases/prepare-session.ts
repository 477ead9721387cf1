import type { BillingDeps } from "../deps";
import type { Effect } from "../effect";
import { withReversals } from "../reversals/with-reversals";
import { FOR_EVER } from "../subscriptions/membership-time";
import { chargeOf, type LoadedSession } from "./load-session";
import { fulfilSession } from "./paid-session";

/** The effect of a paid one-time session, with what was taken back of it since. */
export async function preparePaidSession(
  billing: BillingDeps,
  loaded: LoadedSession,
): Promise<Effect> {
  const { session } = loaded;
  const purchase = {
    paymentId: `checkout:${session.id}`,
    invoiceId: null,
    charge: chargeOf(session),
    // Read of a lifetime only: a pack makes no member, and what ends nothing reopens nothing.
    paidUntil: FOR_EVER,
  };
  return withReversals(billing, purchase, fulfilSession(billing, loaded));
}
