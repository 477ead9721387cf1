import { randomUUID } from "node:crypto";
import { millisecondsInHour } from "date-fns/constants";
import { user } from "@/db/schema";
import { type StoredEmail, storedEmail } from "@/emails/email-content";
import { spendCredits } from "@/ledger/debit";
import { grantCredits } from "@/ledger/grant";
import type { TestDatabase } from "../support/database";

export const NOW = new Date("2026-03-01T10:00:00Z");
export const hoursAfter = (hours: number, from = NOW) =>
  new Date(from.getTime() + hours * millisecondsInHour);
export const daysAfter = (days: number, from = NOW) => hoursAfter(24 * days, from);

type Granted = Parameters<typeof grantCredits>[1];

/** A user without credits. */
export async function createUser(
  { db }: TestDatabase,
  fields: Partial<typeof user.$inferInsert> = {},
): Promise<string> {
  const id = randomUUID();
  await db
    .insert(user)
    .values({ id, name: "Mei Lin", email: `${id}@people.example`, createdAt: NOW, ...fields });
  return id;
}

/** Grants a lot and returns its number. */
export async function grantLot(
  { db }: TestDatabase,
  lot: { userId: string; credits: number; expiresAt: Date | null } & Partial<
    Pick<Granted, "type" | "now">
  >,
): Promise<number> {
  const key = `test:${randomUUID()}:grant`;
  const { seq } = await db.transaction((tx) =>
    grantCredits(tx, {
      userId: lot.userId,
      key,
      amount: lot.credits,
      type: lot.type ?? "PURCHASE_PACKAGE",
      source: "test",
      expiresAt: lot.expiresAt,
      paid: lot.type === undefined,
      now: lot.now ?? NOW,
    }),
  );
  return seq;
}

/** Spends and returns the number of the transaction. */
export async function spend(
  { db }: TestDatabase,
  { userId, credits, now = NOW }: { userId: string; credits: number; now?: Date },
): Promise<number> {
  const key = `test:${randomUUID()}:spend`;
  const { seq } = await db.transaction((tx) =>
    spendCredits(tx, { userId, key, amount: credits, source: "test", now }),
  );
  return seq;
}

/** The emails enqueued for a user, oldest first. */
export async function emailsOf({ sql }: TestDatabase, userId: string): Promise<StoredEmail[]> {
  const rows = await sql`
    select payload from outbox where kind = 'email' and user_id = ${userId} order by created_at`;
  return rows.map((row) => storedEmail.parse(row.payload));
}
