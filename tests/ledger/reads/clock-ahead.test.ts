import { addMinutes, addSeconds } from "date-fns";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ledgerCsv } from "@/accounts/ledger-export";
import { provisionAccount } from "@/accounts/sign-up";
import { listUsers, usersQuery } from "@/admin/users/list-users";
import { readLedgerPage } from "@/admin/users/user";
import { notification, reminderProgress, user } from "@/db/schema";
import { captureHold, holdCredits } from "@/ledger/hold";
import { getBalance, listLots } from "@/ledger/reads/balance";
import { getLotHistories } from "@/ledger/reads/lot-history";
import { searchLedger } from "@/ledger/reads/search";
import { getUsageByMonth } from "@/ledger/reports/usage";
import type { CsvCell } from "@/lib/download";
import { notifyLowBalance } from "@/notifications/notify-low-balance";
import { remindOfExpiry } from "@/notifications/remind-of-expiry";
import { birthInputSchema } from "@/products/bazi/birth/input";
import { createReading } from "@/products/bazi/create-reading";
import { birthLike } from "../../products/bazi/births";
import { expectBooksBalanced } from "../../support/books";
import { createTestDatabase, type TestDatabase } from "../../support/database";
import { FREE_CREDITS_POLICY } from "../../support/free-credits";
import { LedgerFixture } from "./ledger-fixture";

/** Shortly before midnight of a month's end: an hour ahead is another day and month. */
const NOW = new Date("2026-01-31T23:50:00Z");
let database: TestDatabase;
let fixture: LedgerFixture;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await expectBooksBalanced(database.sql);
  await database.close();
});

describe.each([
  ["1 second", 1],
  ["15 minutes", 15 * 60],
  ["1 hour", 60 * 60],
])("an account last written by a server whose clock is %s ahead", (_, seconds) => {
  const ahead = addSeconds(NOW, seconds);

  beforeEach(async () => {
    fixture = new LedgerFixture(database.db);
    const { userId } = fixture;
    await database.db.insert(user).values({
      id: userId,
      name: "Mei Lin",
      email: `${userId}@example.com`,
      emailVerified: true,
      createdAt: NOW,
      updatedAt: NOW,
    });
    await fixture.grant("2026-01-01T00:00:00Z", 70, addMinutes(NOW, 600).toISOString());
    await fixture.grant(ahead.toISOString(), 100);
  });

  it("shows the grant in every read of the current state", async () => {
    const { userId } = fixture;
    const filter = {};
    const turn = {};
    const now = NOW;
    expect(await getBalance(database.db, { userId, now })).toMatchObject({ available: 170 });
    const lots = await listLots(database.db, { userId, now });
    expect(lots.map((lot) => lot.available)).toEqual([70, 100]);
    const ledger = await searchLedger(database.db, { userId, filter, turn, limit: 5, now });
    expect(ledger.rows.map((row) => row.balanceAfter)).toEqual([170, 70]);
    const adminLedger = await readLedgerPage(database.db, { userId, turn, now });
    expect(adminLedger.rows.map((row) => row.balanceAfter)).toEqual([170, 70]);
    const csv = await ledgerCsv(database.db, { userId, filter, locale: "en", now });
    const rows: (readonly CsvCell[])[] = [];
    for await (const page of csv.pages) rows.push(...page);
    expect(rows.map((row) => row[5])).toEqual([170, 70]);
    const usage = await getUsageByMonth(database.db, { userId, timeZone: "UTC", now, months: 2 });
    const granted = usage.flatMap(({ types }) => types.map((type) => type.creditsIn));
    expect(granted.reduce((sum, credits) => sum + credits, 0)).toBe(170);
    const users = usersQuery.parse({ q: `${userId}@example.com` });
    const listed = await listUsers(database.db, { filter: users, at: now });
    expect(listed.rows.map((row) => row.available)).toEqual([170]);
  });

  it("shows a spend of that server in the lot's history and no low balance", async () => {
    const { userId } = fixture;
    await fixture.spend(ahead.toISOString(), 120);
    const histories = await getLotHistories(database.db, { userId, lotSeqs: [1, 2], now: NOW });
    expect([...histories].map(([seq, { parts }]) => [seq, parts[0]?.amount])).toEqual([
      [1, 70],
      [2, 50],
    ]);
    // The default threshold is three uses.
    await database.db.transaction((tx) =>
      notifyLowBalance(tx, { userIds: [userId], cost: 16, now: NOW }),
    );
    expect(await database.db.$count(notification)).toBe(0);
    await database.db.transaction((tx) =>
      notifyLowBalance(tx, { userIds: [userId], cost: 17, now: NOW }),
    );
    const [notice] = await database.db.delete(notification).returning();
    expect(notice).toMatchObject({ userId, facts: { available: 50, cost: 17 } });
  });

  it("reminds of what remains, not of what that server spent", async () => {
    const { userId } = fixture;
    await fixture.spend(ahead.toISOString(), 30);
    await database.db.delete(reminderProgress);
    await remindOfExpiry(database.db, { now: NOW, deadlineMs: Infinity });
    const notices = await database.db.delete(notification).returning();
    const own = notices.filter((notice) => notice.userId === userId);
    expect(own).toMatchObject([{ facts: { credits: 40 } }]);
  });

  it("lets a reading spend the grant at once", async () => {
    const { userId } = fixture;
    await fixture.spend(ahead.toISOString(), 70);
    const birth = birthInputSchema.parse(birthLike());
    const readingId = crypto.randomUUID();
    const request = { userId, readingId, birth, keepInProfile: false };
    await createReading(database.db, request, () => NOW);
    expect(await getBalance(database.db, { userId, now: NOW })).toMatchObject({ available: 90 });
  });

  it("keeps a hold open as long as requested", async () => {
    const { userId } = fixture;
    const hold = (key: string) =>
      database.db.transaction((tx) =>
        holdCredits(tx, {
          userId,
          key,
          amount: 10,
          source: "test",
          expiresAt: addMinutes(NOW, 10),
          now: NOW,
        }),
      );
    const capture = (holdKey: string, now: Date) =>
      database.db.transaction((tx) =>
        captureHold(tx, { userId, holdKey, key: `${holdKey}:capture`, now }),
      );
    expect((await hold("kept")).expiresAt).toEqual(addMinutes(ahead, 10));
    expect((await capture("kept", addMinutes(NOW, 9))).amount).toBe(-10);
    const { expiresAt } = await hold("lapsed");
    await expect(capture("lapsed", expiresAt)).rejects.toMatchObject({ code: "hold_lapsed" });
    const balance = await getBalance(database.db, { userId, now: expiresAt });
    expect(balance).toMatchObject({ available: 160, held: 0 });
  });

  it("excludes the grant from the balance at an explicit earlier instant", async () => {
    const { userId } = fixture;
    expect(await getBalance(database.db, { userId, at: NOW })).toMatchObject({ available: 70 });
  });

  it("opens a new account with its sign-up credits visible", async () => {
    const { userId } = fixture;
    await provisionAccount(database.db, { userId, policy: FREE_CREDITS_POLICY, now: ahead });
    expect(await getBalance(database.db, { userId, now: NOW })).toMatchObject({ available: 290 });
  });
});
