import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { notificationPreference, reminderProgress } from "@/db/schema";
import { renderEmail } from "@/emails/render-email";
import { holdCredits } from "@/ledger/hold-credits";
import { refundSpend } from "@/ledger/refund-spend";
import { listNotices } from "@/notifications/queries";
import { remindOfExpiry } from "@/notifications/remind-of-expiry";
import { expectBooksBalanced } from "../support/books";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { daysOn, grantLot, hoursOn, mailsOf, NOW, somebody, spend } from "./people";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  await expectBooksBalanced(database.sql);
  // Each test is the first to walk: what a walk has reached concerns everybody.
  await database.db.delete(reminderProgress);
});
afterAll(() => database.close());

const remind = (now = NOW) =>
  remindOfExpiry(database.db, { now, deadlineMs: performance.now() + 60_000 });

const lotsTold = async (userId: string) =>
  (await mailsOf(database, userId)).map((mail) =>
    mail.template === "credits-expiring" ? mail.props.lots.map((lot) => lot.credits) : [],
  );

const noticesOf = async (userId: string) =>
  (await listNotices(database.db, { userId, limit: 50 })).map(({ kind, facts }) => ({
    kind,
    facts,
  }));

describe("the digest", () => {
  it("tells of three lots in one mail and one notice, the first to expire first", async () => {
    const userId = await somebody(database);
    await grantLot(database, { userId, credits: 30, expiresAt: daysOn(6) });
    await grantLot(database, { userId, credits: 10, expiresAt: daysOn(1) });
    await grantLot(database, { userId, credits: 20, expiresAt: daysOn(3) });
    expect(await remind()).toEqual({ digests: 1 });
    expect(await lotsTold(userId)).toEqual([[10, 20, 30]]);
    expect(await noticesOf(userId)).toEqual([
      {
        kind: "credits-expiring",
        facts: { credits: 60, firstExpiresAt: daysOn(1).toISOString() },
      },
    ]);
  });

  it("names the instants in the reader's zone and language", async () => {
    const userId = await somebody(database, {
      name: "林月",
      locale: "zh-CN",
      timeZone: "Asia/Shanghai",
    });
    await grantLot(database, {
      userId,
      credits: 70,
      expiresAt: new Date("2026-03-04T20:00:00Z"),
    });
    await remind();
    const [mail] = await mailsOf(database, userId);
    if (mail === undefined) throw new Error("no mail");
    const { subject, text } = await renderEmail(mail, { appUrl: "http://localhost:3000" });
    expect(subject).toBe("70积分即将到期");
    expect(text).toContain("2026年3月5日 04:00（Asia/Shanghai）：70积分");
    expect(text).toContain("林月，您好：");
  });

  it("says what is left of a lot, not what it once was, and nothing of a spent one", async () => {
    const userId = await somebody(database);
    await grantLot(database, { userId, credits: 20, expiresAt: daysOn(2) });
    await grantLot(database, { userId, credits: 50, expiresAt: daysOn(4) });
    await spend(database, { userId, credits: 35 });
    await remind();
    expect(await lotsTold(userId)).toEqual([[35]]);
  });

  it("leaves out what an open hold has set aside", async () => {
    const userId = await somebody(database);
    await grantLot(database, { userId, credits: 30, expiresAt: daysOn(2) });
    await database.db.transaction((tx) =>
      holdCredits(tx, {
        userId,
        key: "reading:1:hold",
        amount: 10,
        source: "reading:1",
        expiresAt: hoursOn(1),
        now: NOW,
      }),
    );
    await remind();
    expect(await lotsTold(userId)).toEqual([[20]]);
  });

  it("comes for what expires within seven days, not for what is gone or far", async () => {
    const userId = await somebody(database);
    await grantLot(database, { userId, credits: 1, expiresAt: hoursOn(1), now: daysOn(-3) });
    await grantLot(database, { userId, credits: 2, expiresAt: daysOn(8), now: daysOn(-3) });
    await grantLot(database, { userId, credits: 3, expiresAt: null, now: daysOn(-3) });
    const later = hoursOn(1);
    await remind(later);
    expect(await lotsTold(userId)).toEqual([]);
    await remind(daysOn(1));
    expect(await lotsTold(userId)).toEqual([[2]]);
  });

  it("goes to nobody who is gone, banned or without anything left", async () => {
    const gone = await somebody(database, { deletedAt: NOW });
    const banned = await somebody(database, { banned: true });
    const spent = await somebody(database);
    for (const userId of [gone, banned, spent]) {
      await grantLot(database, { userId, credits: 10, expiresAt: daysOn(2) });
    }
    await spend(database, { userId: spent, credits: 10 });
    expect(await remind()).toEqual({ digests: 0 });
  });

  it("reaches people again whose ban has run out", async () => {
    const userId = await somebody(database, { banned: true, banExpires: hoursOn(-1) });
    const stillBanned = await somebody(database, { banned: true, banExpires: hoursOn(1) });
    for (const each of [userId, stillBanned]) {
      await grantLot(database, { userId: each, credits: 10, expiresAt: daysOn(2) });
    }
    await remind();
    expect(await lotsTold(userId)).toEqual([[10]]);
    expect(await lotsTold(stillBanned)).toEqual([]);
  });

  it("reaches everybody although somebody's address can't be written to", async () => {
    const broken = await somebody(database, { email: "not an address" });
    const fine = await somebody(database);
    for (const userId of [broken, fine]) {
      await grantLot(database, { userId, credits: 10, expiresAt: daysOn(2) });
    }
    expect(await remind()).toEqual({ digests: 2 });
    expect(await lotsTold(fine)).toEqual([[10]]);
    expect(await lotsTold(broken)).toEqual([]);
    expect(await noticesOf(broken)).toHaveLength(1);
  });
});

describe("each lot", () => {
  it("is told of once, however often and however late the job runs", async () => {
    const userId = await somebody(database);
    await grantLot(database, { userId, credits: 10, expiresAt: daysOn(6) });
    for (const days of [0, 0, 1, 2, 5]) await remind(daysOn(days));
    expect(await lotsTold(userId)).toEqual([[10]]);
  });

  it("is told of once when four workers run side by side", async () => {
    const people = await Promise.all(Array.from({ length: 60 }, () => somebody(database)));
    for (const userId of people) {
      await grantLot(database, { userId, credits: 10, expiresAt: daysOn(3) });
      await grantLot(database, { userId, credits: 20, expiresAt: daysOn(4) });
    }
    const runs = await Promise.all(Array.from({ length: 4 }, () => remind()));
    expect(runs.reduce((sum, { digests }) => sum + digests, 0)).toBe(60);
    for (const userId of people) expect(await lotsTold(userId)).toEqual([[10, 20]]);
  });

  it("is told of once although a refund fills it again", async () => {
    const userId = await somebody(database);
    await grantLot(database, { userId, credits: 30, expiresAt: daysOn(6) });
    await remind();
    const spendSeq = await spend(database, { userId, credits: 30, now: hoursOn(1) });
    await database.db.transaction((tx) =>
      refundSpend(tx, { userId, spendSeq, amount: 30, key: "test:refund", now: hoursOn(30) }),
    );
    await remind(daysOn(2));
    expect(await lotsTold(userId)).toEqual([[30]]);
  });

  it("is told of after all when a refund fills it for the first time inside the window", async () => {
    const userId = await somebody(database);
    await grantLot(database, { userId, credits: 30, expiresAt: daysOn(6) });
    const spendSeq = await spend(database, { userId, credits: 30 });
    await remind();
    await database.db.transaction((tx) =>
      refundSpend(tx, { userId, spendSeq, amount: 30, key: "test:refund", now: hoursOn(1) }),
    );
    await remind(daysOn(1));
    expect(await lotsTold(userId)).toEqual([[30]]);
  });
});

describe("a humane rhythm", () => {
  it("keeps to one digest a day: what comes meanwhile is in the next day's", async () => {
    const userId = await somebody(database);
    await grantLot(database, { userId, credits: 10, expiresAt: daysOn(6) });
    await remind();
    await grantLot(database, { userId, credits: 20, expiresAt: daysOn(5), now: hoursOn(1) });
    await grantLot(database, { userId, credits: 30, expiresAt: daysOn(7.5), now: hoursOn(1) });
    await remind(hoursOn(13));
    expect(await lotsTold(userId)).toEqual([[10]]);
    await remind(hoursOn(24));
    expect(await lotsTold(userId)).toEqual([[10], [20, 30]]);
  });

  it("tells of the free month and of sign-in credits in the app only, weekly at most", async () => {
    const userId = await somebody(database);
    const routine = (days: number) =>
      grantLot(database, { userId, credits: 5, expiresAt: daysOn(days), type: "DAILY_SIGNIN" });
    await grantLot(database, {
      userId,
      credits: 50,
      expiresAt: daysOn(3),
      type: "MONTHLY_REFRESH",
    });
    for (const days of [8, 9, 10, 11, 12]) await routine(days);
    for (const day of [0, 1, 2, 3, 4, 5, 6, 7]) await remind(daysOn(day));
    expect(await lotsTold(userId)).toEqual([]);
    const told = (await noticesOf(userId)).map(({ facts }) => facts);
    expect(told).toEqual([
      { credits: 25, firstExpiresAt: daysOn(8).toISOString() },
      { credits: 50, firstExpiresAt: daysOn(3).toISOString() },
    ]);
  });

  it("mentions them in a mail that goes out anyway", async () => {
    const userId = await somebody(database);
    await grantLot(database, { userId, credits: 5, expiresAt: daysOn(2), type: "DAILY_SIGNIN" });
    await grantLot(database, { userId, credits: 70, expiresAt: daysOn(3), type: "REGISTER_GIFT" });
    await remind();
    expect(await lotsTold(userId)).toEqual([[5, 70]]);
  });
});

describe("what a person has turned off", () => {
  const prefer = (userId: string, choice: Partial<typeof notificationPreference.$inferInsert>) =>
    database.db.insert(notificationPreference).values({ userId, updatedAt: NOW, ...choice });

  it("e-mail off: no mail, but the notice in the app", async () => {
    const userId = await somebody(database);
    await prefer(userId, { expiringByEmail: false });
    await grantLot(database, { userId, credits: 10, expiresAt: daysOn(2) });
    await remind();
    expect(await lotsTold(userId)).toEqual([]);
    expect(await noticesOf(userId)).toHaveLength(1);
  });

  it("app off: the mail, but no notice", async () => {
    const userId = await somebody(database);
    await prefer(userId, { expiringInApp: false });
    await grantLot(database, { userId, credits: 10, expiresAt: daysOn(2) });
    await remind();
    expect(await lotsTold(userId)).toEqual([[10]]);
    expect(await noticesOf(userId)).toEqual([]);
  });

  it("both off: nothing, until it is turned on again in time", async () => {
    const userId = await somebody(database);
    await prefer(userId, { expiringByEmail: false, expiringInApp: false });
    await grantLot(database, { userId, credits: 10, expiresAt: daysOn(5) });
    await remind();
    expect(await noticesOf(userId)).toEqual([]);
    await database.db
      .update(notificationPreference)
      .set({ expiringByEmail: true })
      .where(eq(notificationPreference.userId, userId));
    await remind(daysOn(1));
    expect(await lotsTold(userId)).toEqual([[10]]);
  });
});

describe("the walk", () => {
  it("goes through more lots than a batch holds, and of many people with one instant", async () => {
    const alone = await createTestDatabase();
    try {
      await alone.sql`
        insert into "user" (id, name, email, created_at)
        select 'crowd-' || n, 'Crowd', 'crowd-' || n || '@people.example', ${NOW.toISOString()}
        from generate_series(1, 1300) n`;
      await alone.ownerSql`
        insert into credit_account (user_id, balance, version, as_of)
        select 'crowd-' || n, 10, 1, ${NOW.toISOString()} from generate_series(1, 1300) n`;
      await alone.ownerSql`
        insert into credit_transaction (user_id, seq, type, operation, amount, balance_after,
          idempotency_key, source, booked_at, effective_at)
        select 'crowd-' || n, 1, 'PURCHASE_PACKAGE', 'grant', 10, 10, 'test:grant', 'test',
          ${NOW.toISOString()}, ${NOW.toISOString()} from generate_series(1, 1300) n`;
      await alone.ownerSql`
        insert into credit_lot (user_id, seq, type, source, amount, remaining, paid, granted_at, expires_at)
        select 'crowd-' || n, 1, 'PURCHASE_PACKAGE', 'test', 10, 10, true, ${NOW.toISOString()},
          ${daysOn(3).toISOString()} from generate_series(1, 1300) n`;
      const deadlineMs = performance.now() + 60_000;
      expect(await remindOfExpiry(alone.db, { now: NOW, deadlineMs })).toEqual({ digests: 1300 });
      expect(await remindOfExpiry(alone.db, { now: NOW, deadlineMs })).toEqual({ digests: 0 });
      await expectBooksBalanced(alone.sql);
    } finally {
      await alone.close();
    }
  });

  it("stops when the time is up and goes on with the next call", async () => {
    const userId = await somebody(database);
    await grantLot(database, { userId, credits: 10, expiresAt: daysOn(2) });
    expect(await remindOfExpiry(database.db, { now: NOW, deadlineMs: performance.now() })).toEqual({
      digests: 0,
    });
    expect(await remind(hoursOn(0.1))).toEqual({ digests: 1 });
  });

  it("between full walks reads only what came into the window", async () => {
    await remind();
    const userId = await somebody(database);
    await grantLot(database, { userId, credits: 10, expiresAt: hoursOn(7 * 24 + 1) });
    await grantLot(database, { userId, credits: 20, expiresAt: daysOn(3) });
    await remind(hoursOn(2));
    // The lot that is new in the window brings all its owner's lots along.
    expect(await lotsTold(userId)).toEqual([[20, 10]]);
    const inside = await somebody(database);
    await grantLot(database, { userId: inside, credits: 30, expiresAt: daysOn(3) });
    await remind(hoursOn(3));
    expect(await lotsTold(inside)).toEqual([]);
    await remind(hoursOn(21));
    expect(await lotsTold(inside)).toEqual([[30]]);
  });
});
