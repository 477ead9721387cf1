import { and, asc, eq, lte } from "drizzle-orm";
import { stripeEvent } from "@/db/schema";
import type { Billing } from "./context";
import { findEvent } from "./inbox";
import { handleStored } from "./receive-event";

/**
 * Our own retry of events that could not be handled, in the order they are due, beside Stripe's. Any
 * number may run side by side: each event's row is locked while its effect is applied.
 * `until`: no further event is begun after this instant.
 */
export async function retryEvents(
  billing: Billing,
  options: { limit?: number; until?: Date } = {},
): Promise<{ handled: number; pending: number }> {
  const due = await billing.db
    .select({ id: stripeEvent.id })
    .from(stripeEvent)
    .where(and(eq(stripeEvent.status, "pending"), lte(stripeEvent.nextAttemptAt, billing.clock())))
    .orderBy(asc(stripeEvent.nextAttemptAt))
    .limit(options.limit ?? 50);
  const result = { handled: 0, pending: 0 };
  for (const { id } of due) {
    if (options.until !== undefined && billing.clock() >= options.until) break;
    const event = await findEvent(billing.db, id);
    const status = event === null ? "ignored" : await handleStored(billing, event);
    result[status === "pending" ? "pending" : "handled"] += 1;
  }
  return result;
}
