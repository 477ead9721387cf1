import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { resolveUser } from "@/billing/owner";
import {
  type Recipient,
  sendPaymentFailed,
  sendPurchaseReceived,
} from "@/billing/purchases/receipts";
import { addNotices, deleteNotifications, markRead, readBell } from "@/notifications/notices";
import { getPreferences, savePreferences } from "@/notifications/preferences";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { createUser, emailsOf, hoursAfter, NOW } from "./notification-fixture";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const bellOf = (userId: string, limit = 20) => readBell(database.db, { userId, limit });

/** The recipient that billing resolves for a user. */
async function recipientOf(userId: string): Promise<Recipient | null> {
  const owner = await database.db.transaction((tx) =>
    resolveUser(tx, { customerId: null, claims: [userId] }),
  );
  if ("refused" in owner) throw new Error(owner.refused.note);
  return owner.recipient;
}

async function createRecipient(): Promise<Recipient> {
  const to = await recipientOf(await createUser(database));
  if (to === null) throw new Error("no recipient");
  return to;
}

const addLow = (userId: string, key: string, at = NOW) =>
  addNotices(
    database.db,
    [{ kind: "low-balance", userId, key, facts: { available: 5, cost: 10 } }],
    at,
  );

describe("addNoticeAndEmail", () => {
  it("confirms a purchase in the app and by email once, however often it is processed", async () => {
    const to = await createRecipient();
    const { userId } = to;
    const purchase = {
      recipient: to,
      source: "checkout:cs_1",
      credits: 100,
      item: "pack-basic",
      amountCents: 990,
      currency: "usd",
      expiresAt: hoursAfter(24),
      now: NOW,
    } as const;
    for (let time = 0; time < 2; time += 1) {
      await database.db.transaction((tx) => sendPurchaseReceived(tx, purchase));
    }
    const { notices, unread } = await bellOf(userId);
    expect(notices).toMatchObject([
      {
        kind: "purchase-received",
        facts: { item: "pack-basic", credits: 100, amountCents: 990, currency: "usd" },
        createdAt: NOW.toISOString(),
        readAt: null,
      },
    ]);
    expect(unread).toBe(1);
    expect(await emailsOf(database, userId)).toHaveLength(1);
  });

  it("reports each failed charge, regardless of the preferences", async () => {
    const to = await createRecipient();
    const { userId } = to;
    const change = { expiringInApp: false, lowBalanceInApp: false };
    await savePreferences(database.db, { userId, change, now: NOW });
    const failed = {
      recipient: to,
      invoiceId: "in_1",
      amountCents: 990,
      currency: "usd",
      item: "pro-monthly",
      nextAttemptAt: hoursAfter(72),
      now: NOW,
    } as const;
    for (const attempt of [1, 1, 2]) {
      await database.db.transaction((tx) => sendPaymentFailed(tx, { ...failed, attempt }));
    }
    expect((await bellOf(userId)).notices.map(({ kind }) => kind)).toEqual([
      "payment-failed",
      "payment-failed",
    ]);
    expect(await emailsOf(database, userId)).toHaveLength(2);
  });

  it("has no recipient for a deleted account", async () => {
    expect(await recipientOf(await createUser(database, { deletedAt: NOW }))).toBeNull();
  });
});

describe("readBell", () => {
  it("lists the newest notices and counts all unread ones", async () => {
    const userId = await createUser(database);
    for (const hour of [1, 2, 3]) await addLow(userId, `n${hour}`, hoursAfter(hour));
    const { notices, unread } = await bellOf(userId, 2);
    expect(notices.map(({ createdAt }) => createdAt)).toEqual([
      hoursAfter(3).toISOString(),
      hoursAfter(2).toISOString(),
    ]);
    expect(unread).toBe(3);
  });
});

describe("markRead", () => {
  it("marks notices up to the newest one seen and leaves later ones unread", async () => {
    const userId = await createUser(database);
    const other = await createUser(database);
    await addLow(userId, "seen", hoursAfter(1));
    await addLow(userId, "later", hoursAfter(2));
    await addLow(other, "other user", hoursAfter(1));
    await markRead(database.db, { userId, upTo: hoursAfter(1), now: hoursAfter(3) });
    const { notices, unread } = await bellOf(userId);
    expect(notices.map(({ readAt }) => readAt)).toEqual([null, hoursAfter(3).toISOString()]);
    expect(unread).toBe(1);
    expect((await bellOf(other)).unread).toBe(1);
  });
});

describe("getPreferences", () => {
  it("turns everything on by default and keeps what a change omits", async () => {
    const userId = await createUser(database);
    const all = {
      expiringByEmail: true,
      expiringInApp: true,
      lowBalanceByEmail: true,
      lowBalanceInApp: true,
      lowBalanceThreshold: null,
    };
    expect(await getPreferences(database.db, userId)).toEqual(all);
    await savePreferences(database.db, { userId, change: { expiringByEmail: false }, now: NOW });
    await savePreferences(database.db, { userId, change: { lowBalanceInApp: false }, now: NOW });
    expect(await getPreferences(database.db, userId)).toEqual({
      ...all,
      expiringByEmail: false,
      lowBalanceInApp: false,
    });
  });
});

describe("deleteNotifications", () => {
  it("deletes the notices and preferences of an account", async () => {
    const userId = await createUser(database);
    await addLow(userId, "gone");
    await savePreferences(database.db, { userId, change: { expiringByEmail: false }, now: NOW });
    await database.db.transaction((tx) => deleteNotifications(tx, userId));
    expect(await bellOf(userId)).toEqual({ notices: [], unread: 0 });
    expect((await getPreferences(database.db, userId)).expiringByEmail).toBe(true);
  });
});
