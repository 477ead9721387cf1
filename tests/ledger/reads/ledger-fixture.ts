import { randomUUID } from "node:crypto";
import type { Database } from "@/db/client";
import { spendCredits } from "@/ledger/debit";
import { grantCredits } from "@/ledger/grant";

/** One user's ledger, written by the ledger's functions at given instants. */
export class LedgerFixture {
  readonly userId = randomUUID();

  constructor(readonly db: Database) {}

  async grant(at: string, amount: number, expiresAt: string | null = null, source = "signup") {
    await this.db.transaction((tx) =>
      grantCredits(tx, {
        userId: this.userId,
        key: randomUUID(),
        amount,
        source,
        paid: false,
        type: "REGISTER_GIFT",
        now: new Date(at),
        expiresAt: expiresAt === null ? null : new Date(expiresAt),
      }),
    );
  }

  async spend(at: string, amount: number, source = `reading:${randomUUID()}`) {
    const { userId } = this;
    const spend = { userId, key: randomUUID(), amount, source, now: new Date(at) };
    return this.db.transaction((tx) => spendCredits(tx, spend));
  }
}
