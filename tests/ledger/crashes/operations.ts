import { millisecondsInHour } from "date-fns/constants";
import { sql } from "drizzle-orm";
import type { Database, Transaction } from "@/db/client";
import { instant } from "@/ledger/call-ledger";
import { adjustCredits, refundSpend } from "@/ledger/debit";
import { distributeCredits, distributeToUser } from "@/ledger/distribution/distribute";
import { expireCredits } from "@/ledger/distribution/expire";
import { grantCredits, grantLifetimeStart, openCreditAccount } from "@/ledger/grant";
import { captureHold, holdCredits } from "@/ledger/hold";
import { reversePurchase } from "@/ledger/reverse";
import { endSchedules } from "@/ledger/schedules";
import { NOW, prepareAccount, writeCalls } from "../account-scenario";
import { writeCredits } from "../calls";

/**
 * A ledger operation to interrupt. `write` runs in the caller's transaction. `job` opens its own and
 * processes every due account, so jobs run one at a time.
 */
export type Operation = {
  readonly name: string;
  /** The users whose rows it may change. */
  readonly usersOf: (userId: string) => readonly string[];
  readonly prepare: (db: Database, userId: string) => Promise<void>;
} & (
  | { readonly write: (tx: Transaction, userId: string) => Promise<unknown> }
  | { readonly job: (db: Database) => Promise<unknown> }
);

const MONTH_BEFORE = new Date("2026-02-01T12:00:00Z");
const after = (hours: number) => new Date(NOW.getTime() + hours * millisecondsInHour);
const oneUser = (userId: string) => [userId];
const holding = (userId: string) => `${userId}-holding`;

/** All operations. No job finds the accounts of another one due. */
export const operations: readonly Operation[] = [
  ...writeCalls("op").map((call) => ({
    name: call.write,
    usersOf: oneUser,
    prepare: prepareAccount,
    write: (tx: Transaction, userId: string) => writeCredits(tx, userId, call),
  })),
  {
    name: "capture the whole",
    usersOf: oneUser,
    prepare: prepareAccount,
    write: (tx, userId) => captureHold(tx, { userId, holdKey: "h", key: "op", now: NOW }),
  },
  {
    name: "capture into debt",
    usersOf: oneUser,
    prepare: prepareCharged,
    write: (tx, userId) =>
      captureHold(tx, { userId, holdKey: "charged", key: "op", amount: 500, now: NOW }),
  },
  {
    name: "refund a capture that made debt",
    usersOf: oneUser,
    prepare: async (db, userId) => {
      await prepareCharged(db, userId);
      const capture = { userId, holdKey: "charged", key: "captured", amount: 300, now: NOW };
      await db.transaction((tx) => captureHold(tx, capture));
    },
    write: (tx, userId) => refundSpend(tx, { userId, spendSeq: 5, key: "op", now: NOW }),
  },
  {
    name: "refund the whole spend",
    usersOf: oneUser,
    prepare: prepareAccount,
    write: (tx, userId) => refundSpend(tx, { userId, spendSeq: 3, key: "op", now: NOW }),
  },
  {
    name: "spend in a batch",
    // One statement books the first user's spends; the second has a hold and is booked spend by spend.
    usersOf: (userId) => [userId, holding(userId)],
    prepare: async (db, userId) => {
      await db.transaction((tx) =>
        grantCredits(tx, { userId, ...identity, key: "g", ...lot(70), expiresAt: null }),
      );
      await prepareAccount(db, holding(userId));
    },
    write: (tx, userId) =>
      tx.execute(sql`
        select credits_spend_batch(array[${userId}, ${holding(userId)}, ${userId}], array['a', 'a', 'b'],
          array[5, 5, 5], array['reading:1', 'reading:1', 'reading:1'], array[null, null, null]::text[],
          array[null, null, null]::text[], false, 0, ${instant(NOW)})`),
  },
  {
    name: "adjust upward",
    usersOf: oneUser,
    prepare: prepareAccount,
    write: (tx, userId) =>
      adjustCredits(tx, { userId, ...identity, amount: 5, expiresAt: null, now: NOW }),
  },
  {
    name: "revoke into debt",
    usersOf: oneUser,
    prepare: prepareAccount,
    write: (tx, userId) =>
      writeCredits(tx, userId, { write: "revoke", input: { ...identity, amount: 500, now: NOW } }),
  },
  {
    name: "grant that settles debt",
    usersOf: oneUser,
    prepare: prepareDebtor,
    write: (tx, userId) => grantCredits(tx, { userId, ...identity, ...lot(70), expiresAt: null }),
  },
  {
    name: "open the account",
    usersOf: oneUser,
    prepare: async () => {},
    write: (tx, userId) => openCreditAccount(tx, { userId, now: NOW }),
  },
  {
    name: "open a schedule",
    usersOf: oneUser,
    prepare: prepareAccount,
    write: (tx, userId) => openLifetime(tx, userId, NOW),
  },
  {
    name: "end schedules",
    usersOf: oneUser,
    prepare: prepareSubscriber,
    write: (tx, userId) => endSchedules(tx, { userId, source: LIFETIME, endsAt: NOW }),
  },
  {
    name: "reverse a purchase",
    usersOf: oneUser,
    prepare: prepareSubscriber,
    write: (tx, userId) =>
      reversePurchase(tx, {
        userId,
        source: LIFETIME,
        paidCents: 19_900,
        undone: [],
        standing: [{ key: "refund:re_1", cents: 19_900, applied: false }],
        schedule: { ended: true, from: NOW },
        now: NOW,
      }),
  },
  {
    name: "distribute to one user",
    usersOf: oneUser,
    prepare: (db, userId) =>
      openAccount(db, userId, new Date(MONTH_BEFORE.getTime() + millisecondsInHour)),
    write: (tx, userId) => distributeToUser(tx, { userId, now: after(1) }),
  },
  {
    name: "distribute",
    // The batch statement grants the first user; the second has a hold and is processed alone.
    usersOf: (userId) => [userId, holding(userId)],
    prepare: async (db, userId) => {
      for (const user of [userId, holding(userId)]) await openAccount(db, user, MONTH_BEFORE);
      await hold(db, holding(userId), { from: MONTH_BEFORE, to: after(48) });
    },
    job: (db) => distributeCredits(db, { now: NOW, deadlineMs: Number.POSITIVE_INFINITY }),
  },
  {
    name: "expire",
    // As above; the hold lapses as well.
    usersOf: (userId) => [userId, holding(userId)],
    prepare: async (db, userId) => {
      const input = { key: "g", source: "checkout:a", ...lot(30), expiresAt: after(1) };
      for (const user of [userId, holding(userId)])
        await db.transaction((tx) => grantCredits(tx, { userId: user, ...input }));
      await hold(db, holding(userId), { from: NOW, to: after(1.5) });
    },
    job: (db) =>
      expireCredits(db, { runId: null, now: after(2), deadlineMs: Number.POSITIVE_INFINITY }),
  },
];

const LIFETIME = "checkout:cs_lifetime";
const identity = { key: "op", source: "checkout:b" } as const;
const lot = (amount: number) =>
  ({ amount, type: "PURCHASE_PACKAGE", paid: true, now: NOW }) as const;

async function openAccount(db: Database, userId: string, now: Date): Promise<void> {
  await db.transaction((tx) => openCreditAccount(tx, { userId, now }));
}

function openLifetime(tx: Transaction, userId: string, now: Date) {
  const sessionId = LIFETIME.replace("checkout:", "");
  return grantLifetimeStart(tx, { userId, sessionId, credits: 1000, anchorAt: now, now });
}

async function prepareSubscriber(db: Database, userId: string): Promise<void> {
  await prepareAccount(db, userId);
  await db.transaction((tx) => openLifetime(tx, userId, NOW));
}

async function prepareDebtor(db: Database, userId: string): Promise<void> {
  await prepareAccount(db, userId);
  const input = { key: "debt", amount: 200, source: "checkout:a", now: NOW };
  await db.transaction((tx) => writeCredits(tx, userId, { write: "revoke", input }));
}

/** Has a hold whose capture may take everything and make a debt of 100. */
async function prepareCharged(db: Database, userId: string): Promise<void> {
  await prepareAccount(db, userId);
  const hold = { key: "charged", amount: 20, source: "reading:4", expiresAt: after(720), now: NOW };
  const overrun = { policy: "charge", debtLimit: 100 } as const;
  await db.transaction((tx) => holdCredits(tx, { userId, ...hold, overrun }));
}

async function hold(db: Database, userId: string, { from, to }: { from: Date; to: Date }) {
  const input = { key: "h", amount: 20, source: "reading:2", expiresAt: to, now: from };
  await db.transaction((tx) => holdCredits(tx, { userId, ...input }));
}
