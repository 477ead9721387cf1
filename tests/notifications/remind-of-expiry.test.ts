import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { notificationPreference, reminderProgress } from "@/db/schema";
import { renderEmail } from "@/emails/render-email";
import { refundSpend } from "@/ledger/debit";
import { grantTrial } from "@/ledger/grant";
import { holdCredits } from "@/ledger/hold";
import { listNotices } from "@/notifications/notices";
import { remindOfExpiry } from "@/notifications/remind-of-expiry";
import { expectBooksBalanced } from "../support/books";
import { createTestDatabase, type TestDatabase } from "../support/database";
import {
  createUser,
  daysAfter,
  emailsOf,
  grantLot,
  hoursAfter,
  NOW,
  spend,
} from "./notification-fixture";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  await expectBooksBalanced(database.sql);
  // Progress is shared by all users, so each test starts with a full scan.
  await database.db.delete(reminderProgress);
});
afterAll(() => database.close());

const remind = (now = NOW) =>
  remindOfExpiry(database.db, { now, deadlineMs: performance.now() + 60_000 });

const remindedLots = async (userId: string) =>
  (await emailsOf(database, userId)).map((email) =>
    email.template === "credits-expiring" ? email.props.lots.map((lot) => lot.credits) : [],
  );

const noticesOf = async (userId: string) =>
  (await listNotices(database.db, { userId, limit: 50 })).map(({ kind, facts }) => ({
    kind,
    facts,
  }));

describe("remindOfExpiry", () => {
  it("reports three lots in one email and one notice, in order of expiry", async () => {
    const userId = await createUser(database);
    await grantLot(database, { userId, credits: 30, expiresAt: daysAfter(6) });
    await grantLot(database, { userId, credits: 10, expiresAt: daysAfter(1) });
    await grantLot(database, { userId, credits: 20, expiresAt: daysAfter(3) });
    expect(await remind()).toEqual({ digests: 1 });
    expect(await remindedLots(userId)).toEqual([[10, 20, 30]]);
    expect(await noticesOf(userId)).toEqual([
      {
        kind: "credits-expiring",
        facts: { credits: 60, firstExpiresAt: daysAfter(1).toISOString() },
      },
    ]);
  });

  it("formats instants in the user's time zone and language", async () => {
    const userId = await createUser(database, {
      locale: "zh-CN",
      timeZone: "Asia/Shanghai",
    });
    await grantLot(database, {
      userId,
      credits: 70,
      expiresAt: new Date("2026-03-04T20:00:00Z"),
    });
    await remind();
    const [email] = await emailsOf(database, userId);
    if (email === undefined) throw new Error("no email");
    const { subject, text } = await renderEmail(email, { appUrl: "http://localhost:3000" });
    expect(subject).toBe("70积分即将到期");
    expect(text).toContain("2026年3月5日 04:00（中国标准时间）：70积分");
  });

  it("reports the remainder of a lot and leaves out lots that are spent", async () => {
    const userId = await createUser(database);
    await grantLot(database, { userId, credits: 20, expiresAt: daysAfter(2) });
    await grantLot(database, { userId, credits: 50, expiresAt: daysAfter(4) });
    await spend(database, { userId, credits: 35 });
    await remind();
    expect(await remindedLots(userId)).toEqual([[35]]);
  });

  it("leaves out credits on hold", async () => {
    const userId = await createUser(database);
    await grantLot(database, { userId, credits: 30, expiresAt: daysAfter(2) });
    await database.db.transaction((tx) =>
      holdCredits(tx, {
        userId,
        key: "reading:1:hold",
        amount: 10,
        source: "reading:1",
        expiresAt: hoursAfter(1),
        now: NOW,
      }),
    );
    await remind();
    expect(await remindedLots(userId)).toEqual([[20]]);
  });

  it("reports lots that expire within seven days, no expired or later ones", async () => {
    const userId = await createUser(database);
    await grantLot(database, { userId, credits: 1, expiresAt: hoursAfter(1), now: daysAfter(-3) });
    await grantLot(database, { userId, credits: 2, expiresAt: daysAfter(8), now: daysAfter(-3) });
    await grantLot(database, { userId, credits: 3, expiresAt: null, now: daysAfter(-3) });
    const later = hoursAfter(1);
    await remind(later);
    expect(await remindedLots(userId)).toEqual([]);
    await remind(daysAfter(1));
    expect(await remindedLots(userId)).toEqual([[2]]);
  });

  it("reports a trial's credits once half of the trial is over", async () => {
    const userId = await createUser(database);
    const trial = { userId, subscriptionId: "sub_short", credits: 60 };
    await database.db.transaction((tx) =>
      grantTrial(tx, { ...trial, endsAt: daysAfter(4), now: NOW }),
    );
    await remind();
    await remind(daysAfter(1));
    expect(await remindedLots(userId)).toEqual([]);
    await remind(daysAfter(2));
    expect(await remindedLots(userId)).toEqual([[60]]);
  });

  it("skips users who are deleted, banned or have nothing left", async () => {
    const gone = await createUser(database, { deletedAt: NOW });
    const banned = await createUser(database, { banned: true });
    const spent = await createUser(database);
    for (const userId of [gone, banned, spent]) {
      await grantLot(database, { userId, credits: 10, expiresAt: daysAfter(2) });
    }
    await spend(database, { userId: spent, credits: 10 });
    expect(await remind()).toEqual({ digests: 0 });
  });

  it("includes users whose ban has expired", async () => {
    const userId = await createUser(database, { banned: true, banExpires: hoursAfter(-1) });
    const stillBanned = await createUser(database, { banned: true, banExpires: hoursAfter(1) });
    for (const each of [userId, stillBanned]) {
      await grantLot(database, { userId: each, credits: 10, expiresAt: daysAfter(2) });
    }
    await remind();
    expect(await remindedLots(userId)).toEqual([[10]]);
    expect(await remindedLots(stillBanned)).toEqual([]);
  });

  it("reminds the other users when an address is invalid", async () => {
    const broken = await createUser(database, { email: "not an address" });
    const fine = await createUser(database);
    for (const userId of [broken, fine]) {
      await grantLot(database, { userId, credits: 10, expiresAt: daysAfter(2) });
    }
    expect(await remind()).toEqual({ digests: 2 });
    expect(await remindedLots(fine)).toEqual([[10]]);
    expect(await remindedLots(broken)).toEqual([]);
    expect(await noticesOf(broken)).toHaveLength(1);
  });

  it("reports a lot once, however often the job runs", async () => {
    const userId = await createUser(database);
    await grantLot(database, { userId, credits: 10, expiresAt: daysAfter(6) });
    for (const days of [0, 0, 1, 2, 5]) await remind(daysAfter(days));
    expect(await remindedLots(userId)).toEqual([[10]]);
  });

  it("reports a lot once when four workers run concurrently", async () => {
    const users = await Promise.all(Array.from({ length: 60 }, () => createUser(database)));
    for (const userId of users) {
      await grantLot(database, { userId, credits: 10, expiresAt: daysAfter(3) });
      await grantLot(database, { userId, credits: 20, expiresAt: daysAfter(4) });
    }
    const runs = await Promise.all(Array.from({ length: 4 }, () => remind()));
    expect(runs.reduce((sum, { digests }) => sum + digests, 0)).toBe(60);
    for (const userId of users) expect(await remindedLots(userId)).toEqual([[10, 20]]);
  });

  it("does not report a lot again when a refund refills it", async () => {
    const userId = await createUser(database);
    await grantLot(database, { userId, credits: 30, expiresAt: daysAfter(6) });
    await remind();
    const spendSeq = await spend(database, { userId, credits: 30, now: hoursAfter(1) });
    await database.db.transaction((tx) =>
      refundSpend(tx, { userId, spendSeq, amount: 30, key: "test:refund", now: hoursAfter(30) }),
    );
    await remind(daysAfter(2));
    expect(await remindedLots(userId)).toEqual([[30]]);
  });

  it("reports an empty lot that a refund refills inside the window", async () => {
    const userId = await createUser(database);
    await grantLot(database, { userId, credits: 30, expiresAt: daysAfter(6) });
    const spendSeq = await spend(database, { userId, credits: 30 });
    await remind();
    await database.db.transaction((tx) =>
      refundSpend(tx, { userId, spendSeq, amount: 30, key: "test:refund", now: hoursAfter(1) }),
    );
    await remind(daysAfter(1));
    expect(await remindedLots(userId)).toEqual([[30]]);
  });

  it("sends at most one digest a day and defers new lots to the next one", async () => {
    const userId = await createUser(database);
    await grantLot(database, { userId, credits: 10, expiresAt: daysAfter(6) });
    await remind();
    await grantLot(database, { userId, credits: 20, expiresAt: daysAfter(5), now: hoursAfter(1) });
    await grantLot(database, {
      userId,
      credits: 30,
      expiresAt: daysAfter(7.5),
      now: hoursAfter(1),
    });
    await remind(hoursAfter(13));
    expect(await remindedLots(userId)).toEqual([[10]]);
    await remind(hoursAfter(24));
    expect(await remindedLots(userId)).toEqual([[10], [20, 30]]);
  });

  it("reports routine credits in the app only, at most weekly", async () => {
    const userId = await createUser(database);
    const routine = (days: number) =>
      grantLot(database, { userId, credits: 5, expiresAt: daysAfter(days), type: "DAILY_SIGNIN" });
    await grantLot(database, {
      userId,
      credits: 50,
      expiresAt: daysAfter(3),
      type: "MONTHLY_REFRESH",
    });
    for (const days of [8, 9, 10, 11, 12]) await routine(days);
    for (const day of [0, 1, 2, 3, 4, 5, 6, 7]) await remind(daysAfter(day));
    expect(await remindedLots(userId)).toEqual([]);
    const facts = (await noticesOf(userId)).map((notice) => notice.facts);
    expect(facts).toEqual([
      { credits: 25, firstExpiresAt: daysAfter(8).toISOString() },
      { credits: 50, firstExpiresAt: daysAfter(3).toISOString() },
    ]);
  });

  it("includes routine credits in an email about other credits", async () => {
    const userId = await createUser(database);
    await grantLot(database, { userId, credits: 5, expiresAt: daysAfter(2), type: "DAILY_SIGNIN" });
    await grantLot(database, {
      userId,
      credits: 70,
      expiresAt: daysAfter(3),
      type: "REGISTER_GIFT",
    });
    await remind();
    expect(await remindedLots(userId)).toEqual([[5, 70]]);
  });
});

describe("remindOfExpiry with preferences", () => {
  const prefer = (userId: string, choice: Partial<typeof notificationPreference.$inferInsert>) =>
    database.db.insert(notificationPreference).values({ userId, updatedAt: NOW, ...choice });

  it("adds only a notice when email is off", async () => {
    const userId = await createUser(database);
    await prefer(userId, { expiringByEmail: false });
    await grantLot(database, { userId, credits: 10, expiresAt: daysAfter(2) });
    await remind();
    expect(await remindedLots(userId)).toEqual([]);
    expect(await noticesOf(userId)).toHaveLength(1);
  });

  it("sends only an email when the app channel is off", async () => {
    const userId = await createUser(database);
    await prefer(userId, { expiringInApp: false });
    await grantLot(database, { userId, credits: 10, expiresAt: daysAfter(2) });
    await remind();
    expect(await remindedLots(userId)).toEqual([[10]]);
    expect(await noticesOf(userId)).toEqual([]);
  });

  it("sends nothing when both are off, and reminds once one is turned on in time", async () => {
    const userId = await createUser(database);
    await prefer(userId, { expiringByEmail: false, expiringInApp: false });
    await grantLot(database, { userId, credits: 10, expiresAt: daysAfter(5) });
    await remind();
    expect(await noticesOf(userId)).toEqual([]);
    await database.db
      .update(notificationPreference)
      .set({ expiringByEmail: true })
      .where(eq(notificationPreference.userId, userId));
    await remind(daysAfter(1));
    expect(await remindedLots(userId)).toEqual([[10]]);
  });
});

describe("the scan of remindOfExpiry", () => {
  it("processes several batches of lots that expire at the same instant", async () => {
    const crowded = await createTestDatabase();
    try {
      await crowded.sql`
        insert into "user" (id, name, email, created_at)
        select 'crowd-' || n, 'Crowd', 'crowd-' || n || '@people.example', ${NOW.toISOString()}
        from generate_series(1, 1300) n`;
      await crowded.ownerSql`
        insert into credit_account (user_id, balance, version, as_of)
        select 'crowd-' || n, 10, 1, ${NOW.toISOString()} from generate_series(1, 1300) n`;
      await crowded.ownerSql`
        insert into credit_transaction (user_id, seq, type, operation, amount, balance_after,
          idempotency_key, source, booked_at, effective_at)
        select 'crowd-' || n, 1, 'PURCHASE_PACKAGE', 'grant', 10, 10, 'test:grant', 'test',
          ${NOW.toISOString()}, ${NOW.toISOString()} from generate_series(1, 1300) n`;
      await crowded.ownerSql`
        insert into credit_lot (user_id, seq, type, source, amount, remaining, paid, granted_at, expires_at)
        select 'crowd-' || n, 1, 'PURCHASE_PACKAGE', 'test', 10, 10, true, ${NOW.toISOString()},
          ${daysAfter(3).toISOString()} from generate_series(1, 1300) n`;
      const deadlineMs = performance.now() + 60_000;
      expect(await remindOfExpiry(crowded.db, { now: NOW, deadlineMs })).toEqual({ digests: 1300 });
      expect(await remindOfExpiry(crowded.db, { now: NOW, deadlineMs })).toEqual({ digests: 0 });
      await expectBooksBalanced(crowded.sql);
    } finally {
      await crowded.close();
    }
  });

  it("stops at its deadline and resumes with the next call", async () => {
    const userId = await createUser(database);
    await grantLot(database, { userId, credits: 10, expiresAt: daysAfter(2) });
    expect(await remindOfExpiry(database.db, { now: NOW, deadlineMs: performance.now() })).toEqual({
      digests: 0,
    });
    expect(await remind(hoursAfter(0.1))).toEqual({ digests: 1 });
  });

  it("reads only the lots that entered the window between full scans", async () => {
    await remind();
    const userId = await createUser(database);
    await grantLot(database, { userId, credits: 10, expiresAt: hoursAfter(7 * 24 + 1) });
    await grantLot(database, { userId, credits: 20, expiresAt: daysAfter(3) });
    await remind(hoursAfter(2));
    // A lot that enters the window brings all lots of its owner along.
    expect(await remindedLots(userId)).toEqual([[20, 10]]);
    const inside = await createUser(database);
    await grantLot(database, { userId: inside, credits: 30, expiresAt: daysAfter(3) });
    await remind(hoursAfter(3));
    expect(await remindedLots(inside)).toEqual([]);
    await remind(hoursAfter(21));
    expect(await remindedLots(inside)).toEqual([[30]]);
  });
});
