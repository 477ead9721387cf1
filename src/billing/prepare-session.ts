import type { Billing } from "./context";
import type { Effect } from "./effect";
import { fulfilSession } from "./fulfil-session";
import { chargeOf, type LoadedSession } from "./load-session";
import { FOR_EVER } from "./membership-time";
import { withReversals } from "./with-reversals";

/** The effect of a paid one-time session, with what was taken back of it since. */
export async function preparePaidSession(billing: Billing, loaded: LoadedSession): Promise<Effect> {
  const { session } = loaded;
  const purchase = {
    paymentId: `checkout:${session.id}`,
    charge: chargeOf(session),
    // Read of a lifetime only: a pack makes no member, and what ends nothing reopens nothing.
    paidUntil: FOR_EVER,
  };
  return withReversals(billing, purchase, fulfilSession(billing, loaded));
}
