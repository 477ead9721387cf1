import { and, eq, isNull } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { user } from "@/db/schema";

/** Remembers the customer of a user who has none yet, so that later events need no metadata. */
export async function linkStripeCustomer(
  tx: Transaction,
  { userId, customerId }: { userId: string; customerId: string | null },
): Promise<void> {
  if (customerId === null) return;
  await tx
    .update(user)
    .set({ stripeCustomerId: customerId })
    .where(and(eq(user.id, userId), isNull(user.stripeCustomerId)));
}
