import { and, eq, notInArray } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { checkoutSession } from "@/db/schema";

/** Brings our row of a session up to date; `paid` and `failed` are final, as events come in any order. */
export async function setCheckoutStatus(
  tx: Transaction,
  id: string,
  status: "complete" | "paid" | "failed" | "expired",
): Promise<void> {
  const final = status === "paid" ? [] : ["paid", "failed"];
  await tx
    .update(checkoutSession)
    .set({ status })
    .where(and(eq(checkoutSession.id, id), notInArray(checkoutSession.status, final)));
}
