import { addMinutes } from "date-fns";
import { getMembership } from "@/billing/queries";
import type { BillingFixture } from "../billing-fixture";
import type { StripeFacts } from "./oracle";

/** Memberships are compared after an hour, because a server whose clock is ahead ends them later. */
const CLOCKS_DIFFER_MINUTES = 65;

/** Reads what the customer has in our database, in the terms of the oracle. */
export async function readState(
  { db, database: { ownerSql } }: BillingFixture,
  { userId, facts: { purchases, subscriptions, at } }: { userId: string; facts: StripeFacts },
) {
  const later = addMinutes(at, CLOCKS_DIFFER_MINUTES);
  const { plan, until, trial } = await getMembership(db, { userId: userId, at: later });
  const booked = await ownerSql<{ source: string | null; credits: string }[]>`
      select source, sum(amount) as credits from credit_transaction
      where user_id = ${userId} and type <> 'EXPIRE' group by source`;
  const schedules = await ownerSql<{ id: string; next_due_at: Date | null; credits: string }[]>`
      select id, next_due_at, credits from credit_schedule where user_id = ${userId}`;
  const payments = await ownerSql<{ id: string; owed_cents: string; invoice_id: string | null }[]>`
      select id, owed_cents, invoice_id from payment where user_id = ${userId}`;
  const [account] = await ownerSql<{ debt: string }[]>`
      select debt from credit_account where user_id = ${userId}`;
  const [{ expired = "0" } = {}] = await ownerSql<{ expired: string }[]>`
      select coalesce(sum(amount), 0) as expired from credit_transaction
      where user_id = ${userId} and type = 'EXPIRE'`;
  const trials = subscriptions.flatMap(({ trial }) => trial ?? []);
  const sources = [...purchases, ...trials].map(({ id }) => id);
  const ofPurchase = sources.map((id) => {
    const credits = Number(booked.find(({ source }) => source === id)?.credits ?? 0);
    const schedule = schedules.find((one) => one.id === id);
    const dueAt = schedule?.next_due_at?.getTime();
    const next = dueAt === undefined ? null : { dueAt, credits: Number(schedule?.credits) };
    const paid = payments.find((one) => one.id === id);
    const owedCents = Number(paid?.owed_cents ?? 0);
    return [id, { credits, next, owedCents, invoiceId: paid?.invoice_id }] as const;
  });
  const ids = new Set(sources);
  const others = booked
    .filter(({ source }) => source === null || !ids.has(source))
    .reduce((sum, { credits }) => sum + Number(credits), Number(expired));
  return {
    // A trial is not paid time.
    memberUntil:
      plan === "free" || trial !== null ? null : (until?.getTime() ?? Number.POSITIVE_INFINITY),
    purchases: new Map(ofPurchase),
    debt: Number(account?.debt ?? 0),
    /** Free credits, less what was spent. */
    others,
  };
}
