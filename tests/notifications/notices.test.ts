import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { resolveUser } from "@/billing/owner";
import {
  type Recipient,
  sendPaymentFailed,
  sendPurchaseReceived,
} from "@/billing/purchases/receipts";
import { addNotices } from "@/notifications/add-notices";
import { deleteNotifications } from "@/notifications/delete-notifications";
import { markRead } from "@/notifications/mark-read";
import { getPreferences, savePreferences } from "@/notifications/preferences";
import { readBell } from "@/notifications/queries";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { hoursOn, mailsOf, NOW, somebody } from "./people";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const bellOf = (userId: string, limit = 20) => readBell(database.db, { userId, limit });

/** Whom billing writes to about something that names the user. */
async function addresseeOf(userId: string): Promise<Recipient | null> {
  const owner = await database.db.transaction((tx) =>
    resolveUser(tx, { customerId: null, claims: [userId] }),
  );
  if ("refused" in owner) throw new Error(owner.refused.note);
  return owner.addressee;
}

async function somebodyToTell(): Promise<Recipient> {
  const to = await addresseeOf(await somebody(database));
  if (to === null) throw new Error("Somebody has an address.");
  return to;
}

const addLow = (userId: string, key: string, at = NOW) =>
  addNotices(
    database.db,
    [{ kind: "low-balance", userId, key, facts: { available: 5, cost: 10 } }],
    at,
  );

describe("what billing tells", () => {
  it("a purchase is confirmed in the app and by mail, once however often it is brought", async () => {
    const to = await somebodyToTell();
    const { userId } = to;
    const purchase = {
      ...{ to, source: "checkout:cs_1", credits: 100 },
      item: "pack-basic",
      ...{ amountCents: 990, currency: "usd", expiresAt: hoursOn(24), now: NOW },
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
    expect(await mailsOf(database, userId)).toHaveLength(1);
  });

  it("each failed attempt to charge is told, whatever was turned off", async () => {
    const to = await somebodyToTell();
    const { userId } = to;
    const change = { expiringInApp: false, lowBalanceInApp: false };
    await savePreferences(database.db, { userId, change, now: NOW });
    const failed = {
      ...{ to, invoiceId: "in_1", amountCents: 990, currency: "usd" },
      item: "pro-monthly",
      ...{ nextAttemptAt: hoursOn(72), now: NOW },
    } as const;
    for (const attempt of [1, 1, 2]) {
      await database.db.transaction((tx) => sendPaymentFailed(tx, { ...failed, attempt }));
    }
    expect((await bellOf(userId)).notices.map(({ kind }) => kind)).toEqual([
      "payment-failed",
      "payment-failed",
    ]);
    expect(await mailsOf(database, userId)).toHaveLength(2);
  });

  it("has nobody to tell where the account is deleted", async () => {
    expect(await addresseeOf(await somebody(database, { deletedAt: NOW }))).toBeNull();
  });
});

describe("the bell", () => {
  it("shows the newest first and counts all that are unread", async () => {
    const userId = await somebody(database);
    for (const hour of [1, 2, 3]) await addLow(userId, `n${hour}`, hoursOn(hour));
    const { notices, unread } = await bellOf(userId, 2);
    expect(notices.map(({ createdAt }) => createdAt)).toEqual([
      hoursOn(3).toISOString(),
      hoursOn(2).toISOString(),
    ]);
    expect(unread).toBe(3);
  });

  it("marks as read what was seen, and leaves what came meanwhile", async () => {
    const userId = await somebody(database);
    const other = await somebody(database);
    await addLow(userId, "seen", hoursOn(1));
    await addLow(userId, "came meanwhile", hoursOn(2));
    await addLow(other, "somebody else's", hoursOn(1));
    await markRead(database.db, { userId, upTo: hoursOn(1), now: hoursOn(3) });
    const { notices, unread } = await bellOf(userId);
    expect(notices.map(({ readAt }) => readAt)).toEqual([null, hoursOn(3).toISOString()]);
    expect(unread).toBe(1);
    expect((await bellOf(other)).unread).toBe(1);
  });
});

describe("preferences", () => {
  it("are all on until something is chosen, and keep what a change does not name", async () => {
    const userId = await somebody(database);
    const all = {
      ...{ expiringByEmail: true, expiringInApp: true },
      ...{ lowBalanceByEmail: true, lowBalanceInApp: true },
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

  it("go with the account, and so do the notices", async () => {
    const userId = await somebody(database);
    await addLow(userId, "gone");
    await savePreferences(database.db, { userId, change: { expiringByEmail: false }, now: NOW });
    await database.db.transaction((tx) => deleteNotifications(tx, userId));
    expect(await bellOf(userId)).toEqual({ notices: [], unread: 0 });
    expect((await getPreferences(database.db, userId)).expiringByEmail).toBe(true);
  });
});
