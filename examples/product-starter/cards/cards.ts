import { and, desc, eq } from "drizzle-orm";
import { z } from "zod";
import type { Database, Executor } from "@/db/client";
import { isVisible } from "@/lib/plain-text";
import { storableText } from "@/lib/storable-text";
import { withCharge } from "@/product/with-charge";
import { greetingCard } from "./schema";

export const cardInput = z.object({
  id: z.uuid(),
  recipient: z.string().overwrite(storableText).trim().min(1).max(60).refine(isVisible),
});

/** Writes a card and charges for it, or does neither. Repeating an id is one card and one charge. */
export function createCard(
  db: Database,
  card: z.output<typeof cardInput> & { userId: string; serviceId?: string },
  clock: () => Date,
): Promise<{ created: boolean }> {
  const { userId, id, recipient, serviceId } = card;
  const charge = { db, userId, key: `card:${id}`, serviceId, clock };
  return withCharge("greeting-card", charge, {
    async isStored(executor) {
      const own = and(eq(greetingCard.userId, userId), eq(greetingCard.id, id));
      return (await executor.select().from(greetingCard).where(own)).length > 0;
    },
    make: () => writeGreeting(recipient),
    async store(tx, greeting, createdAt) {
      const inserted = await tx
        .insert(greetingCard)
        .values({ userId, id, recipient, greeting, createdAt })
        .onConflictDoNothing()
        .returning({ id: greetingCard.id });
      return inserted.length > 0;
    },
  });
}

/** All cards of a user, newest first. */
export function listCards(db: Executor, userId: string) {
  return db
    .select()
    .from(greetingCard)
    .where(eq(greetingCard.userId, userId))
    .orderBy(desc(greetingCard.createdAt));
}

/** The paid work. It runs outside any transaction, so it may take time and call other services. */
async function writeGreeting(recipient: string): Promise<string> {
  return `✦ ${recipient} ✦`;
}
