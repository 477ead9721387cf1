import { and, eq, ne } from "drizzle-orm";
import { stripeEvent } from "@/db/schema";
import { NotFound } from "@/lib/errors";
import type { BillingDeps } from "../deps";
import { handleStored } from "./receive-event";
import { findEvent, type InboxStatus } from "./store-event";

/**
 * An admin's second chance for a dead or ignored event (or a pending one, now instead of later): its
 * count begins anew and it is handled at once, whatever its API version, and so it is tried again if
 * that fails. A handled event stays so.
 * Who may do this is the caller's to check and to audit.
 * @throws NotFound
 */
export async function replayEvent(billing: BillingDeps, eventId: string): Promise<InboxStatus> {
  await billing.db
    .update(stripeEvent)
    .set({
      status: "pending",
      anyVersion: true,
      outcome: null,
      attempts: 0,
      firstAttemptAt: null,
      lastError: null,
      handledAt: null,
      nextAttemptAt: billing.clock(),
    })
    .where(and(eq(stripeEvent.id, eventId), ne(stripeEvent.status, "handled")));
  const event = await findEvent(billing.db, eventId);
  if (event === null) throw new NotFound("Stripe event");
  return handleStored(billing, event);
}
