import type { Database } from "@/db/client";
import { payment, user } from "@/db/schema";
import { openCreditAccount } from "@/ledger/grant";

type NewUser = typeof user.$inferInsert;

/** A user with an open credit account (120 credits at `createdAt`), as the sign-up makes one. */
export async function makeUser(
  db: Database,
  person: Partial<NewUser> & { id: string; createdAt: Date },
): Promise<void> {
  const { id, createdAt } = person;
  await db.insert(user).values({ name: id, email: `${id}@qiflow.example`, ...person });
  await db.transaction((tx) => openCreditAccount(tx, { userId: id, now: createdAt }));
}

/** A payment of 990 cents for a month of Pro. */
export async function makePayment(
  db: Database,
  row: Partial<typeof payment.$inferInsert> & { userId: string; id: string; paidAt: Date },
): Promise<void> {
  await db.insert(payment).values({
    item: "pro-monthly",
    priceId: "price_pro_monthly",
    amountCents: 990,
    currency: "usd",
    credits: 1000,
    ...row,
  });
}
