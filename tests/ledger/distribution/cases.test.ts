import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { grantSubscriptionMonth } from "@/ledger/grant";
import { getBalance } from "@/ledger/reads/balance";
import { reversePurchase, revokeCredits, type StandingReversal } from "@/ledger/reverse";
import {
  endAllSchedules,
  endSchedules,
  openYearlySchedule,
  reopenSchedules,
  resumeSchedules,
  suspendSchedules,
} from "@/ledger/schedules";
import { expectBooksBalanced } from "../../support/books";
import { createTestDatabase, type TestDatabase } from "../../support/database";
import { at, DistributionFixture } from "./distribution-fixture";
import { effectiveZones, ZONES } from "./zones";

let test: TestDatabase;
let fixture: DistributionFixture;

/** One case for each row of the README's table. */
const cases: Record<string, () => Promise<void>> = {
  "sign-up on 31 Jan": async () => {
    await fixture.signUp("s31", "2026-01-31");
    expect(await fixture.schedules("s31")).toEqual(["signup n=1 due 2026-02-28"]);
    expect(await fixture.lots("s31")).toEqual([
      "signup 70 until 2026-03-02",
      "signup 50 until 2026-03-02",
    ]);
  },

  "free months after it": async () => {
    await fixture.signUp("f", "2026-01-31");
    for (const day of ["2026-02-28", "2026-03-31", "2026-04-30"]) await fixture.run(day);
    expect(await fixture.schedules("f")).toEqual(["signup n=4 due 2026-05-31"]);
    expect(await fixture.lots("f", "2026-02-01")).toEqual([
      "signup 50 until 2026-04-02",
      "signup 50 until 2026-05-02",
      "signup 50 until 2026-06-02",
    ]);
  },

  "sign-up on 29 Feb": async () => {
    await fixture.signUp("s29", "2028-02-29");
    expect(await fixture.schedules("s29")).toEqual(["signup n=1 due 2028-03-29"]);
    await fixture.run("2029-01-29");
    expect(await fixture.schedules("s29")).toEqual(["signup n=12 due 2029-02-28"]);
    await fixture.run("2029-02-28");
    expect(await fixture.schedules("s29")).toEqual(["signup n=13 due 2029-03-29"]);
    expect(await fixture.lots("s29", "2029-01-01")).toEqual([
      "signup 50 until 2029-03-02",
      "signup 50 until 2029-03-31",
    ]);
  },

  "pro monthly invoice paid": async () => {
    await payMonth("pm", { periodEndsAt: "2026-02-15", paidOn: "2026-01-15" });
    expect(await fixture.schedules("pm")).toEqual([]);
    expect(await fixture.lots("pm")).toEqual(["invoice:in_pm 1000 until 2026-02-17"]);
  },

  "pro monthly invoice paid after its period": async () => {
    await payMonth("pml", { periodEndsAt: "2026-02-15", paidOn: "2026-02-20" });
    expect(await fixture.lots("pml")).toEqual(["invoice:in_pml 1000 until 2026-02-22"]);
  },

  "pro yearly invoice paid": async () => {
    await fixture.buyYear("y", "in_y", "2026-01-31", "2027-01-31");
    expect(await fixture.schedules("y")).toEqual(["invoice:in_y n=1 due 2026-02-28"]);
    for (const day of monthEnds2026) await fixture.run(day);
    expect(await fixture.schedules("y")).toEqual(["invoice:in_y n=12 due never"]);
    const lots = await fixture.lots("y");
    expect(lots).toHaveLength(12);
    expect(lots[0]).toBe("invoice:in_y 1000 until 2026-03-02");
    expect(lots[11]).toBe("invoice:in_y 1000 until 2027-02-02");
  },

  "pro yearly invoice that covers more than a year": async () => {
    await fixture.buyYear("ylong", "in_ylong", "2026-01-31", "2027-04-15");
    await fixture.run("2027-05-01");
    expect(await fixture.schedules("ylong")).toEqual(["invoice:in_ylong n=12 due never"]);
    expect(await fixture.lots("ylong")).toHaveLength(12);
  },

  "pro yearly renewal": async () => {
    await fixture.buyYear("yr", "in_yr1", "2026-01-31", "2027-01-31");
    for (const day of monthEnds2026) await fixture.run(day);
    await fixture.buyYear("yr", "in_yr2", "2027-01-31", "2028-01-31");
    expect(await fixture.schedules("yr")).toEqual([
      "invoice:in_yr1 n=12 due never",
      "invoice:in_yr2 n=1 due 2027-02-28",
    ]);
    expect(await fixture.lots("yr", "2027-01-01")).toEqual([
      "invoice:in_yr2 1000 until 2027-03-02",
    ]);
  },

  "late pro yearly renewal": async () => {
    const paidLate = { bookedOn: "2027-02-10" };
    await fixture.buyYear("yl", "in_yl", "2027-01-31", "2028-01-31", paidLate);
    expect(await fixture.schedules("yl")).toEqual(["invoice:in_yl n=1 due 2027-02-28"]);
    expect(await fixture.lots("yl")).toEqual(["invoice:in_yl 1000 until 2027-03-12"]);
  },

  "lifetime checkout paid": async () => {
    await fixture.buyLifetime("l", "cs_l", "2026-05-31");
    expect(await fixture.schedules("l")).toEqual(["checkout:cs_l n=1 due 2026-06-30"]);
    await fixture.run("2026-06-30");
    expect(await fixture.schedules("l")).toEqual(["checkout:cs_l n=2 due 2026-07-31"]);
    expect(await fixture.lots("l")).toEqual([
      "checkout:cs_l 1000 until 2026-07-02",
      "checkout:cs_l 1000 until 2026-08-02",
    ]);
    for (let year = 2027; year <= 2031; year++) await fixture.run(`${year}-05-31`);
    expect(await fixture.schedules("l")).toEqual(["checkout:cs_l n=61 due 2031-06-30"]);
  },

  "several sources": async () => {
    await fixture.signUp("m", "2026-01-10");
    await fixture.buyLifetime("m", "cs_m", "2026-01-10");
    await fixture.buyYear("m", "in_m", "2026-01-10", "2027-01-10");
    await fixture.run("2026-02-10");
    expect((await fixture.lots("m", "2026-02-01")).toSorted()).toEqual([
      "checkout:cs_m 1000 until 2026-03-12",
      "invoice:in_m 1000 until 2026-03-12",
      "signup 50 until 2026-03-12",
    ]);
  },

  "retired price": async () => {
    await fixture.buyLifetime("old", "cs_old", "2026-01-10", { credits: 600 });
    await fixture.run("2026-02-10");
    expect(await fixture.lots("old", "2026-02-01")).toEqual([
      "checkout:cs_old 600 until 2026-03-12",
    ]);
  },

  "free month due during a paid membership": async () => {
    await fixture.signUp("pf", "2026-01-15");
    await fixture.becomeMember("pf", "2026-02-01", "2026-03-01");
    await fixture.run("2026-02-15");
    expect(await fixture.schedules("pf")).toEqual(["signup n=2 due 2026-03-15"]);
    expect(await fixture.lots("pf", "2026-02-01")).toEqual([]);
    // The month is not granted later, even if the membership turns out to have ended before it.
    await test.db.execute(`update payment set member_until_at = '2026-02-02' where user_id = 'pf'`);
    await fixture.run("2026-03-14");
    expect(await fixture.lots("pf", "2026-02-01")).toEqual([]);
  },

  "free month due after a membership": async () => {
    await fixture.signUp("lapsed", "2026-01-15");
    await fixture.becomeMember("lapsed", "2026-01-20", "2026-02-20");
    await fixture.run("2026-02-20");
    expect(await fixture.lots("lapsed", "2026-02-01")).toEqual([]);
    await fixture.run("2026-03-15");
    expect(await fixture.lots("lapsed", "2026-02-01")).toEqual(["signup 50 until 2026-04-17"]);
  },

  "membership that starts or ends at a due time": async () => {
    await fixture.signUp("edge", "2026-01-15");
    await fixture.becomeMember("edge", "2026-02-15", "2026-03-15");
    await fixture.run("2026-02-15");
    expect(await fixture.lots("edge", "2026-02-01")).toEqual([]);
    await fixture.run("2026-03-15");
    expect(await fixture.lots("edge", "2026-02-01")).toEqual(["signup 50 until 2026-04-17"]);
  },

  "switch to yearly during a running allotment": async () => {
    await payMonth("sw", { periodEndsAt: "2026-02-15", paidOn: "2026-01-15" });
    await switchToYear("sw", { on: "2026-01-25", until: "2027-01-25", runningUntil: "2026-02-15" });
    expect(await fixture.schedules("sw")).toEqual(["invoice:in_sw_25 n=0 due 2026-02-15"]);
    expect(await fixture.lots("sw", "2026-01-20")).toEqual([]);
    await fixture.run("2026-02-15");
    expect(await fixture.lots("sw", "2026-01-20")).toEqual([
      "invoice:in_sw_25 1000 until 2026-03-17",
    ]);
    for (const day of monthEnds2026) await fixture.run(day);
    expect(await fixture.schedules("sw")).toEqual(["invoice:in_sw_25 n=12 due never"]);
    expect(await fixture.lots("sw")).toHaveLength(1 + 12);
  },

  "switch to monthly during a running allotment": async () => {
    await fixture.buyYear("swm", "in_swm", "2026-01-15", "2027-01-15");
    await endSubscription("swm", "2026-01-25");
    await fixture.run("2026-03-15");
    expect(await fixture.schedules("swm")).toEqual(["invoice:in_swm n=1 due never"]);
    expect(await fixture.lots("swm")).toEqual(["invoice:in_swm 1000 until 2026-02-17"]);
  },

  "repeated switches": async () => {
    await payMonth("fro", { periodEndsAt: "2026-02-15", paidOn: "2026-01-15" });
    const running = { runningUntil: "2026-02-15" };
    await switchToYear("fro", { on: "2026-01-20", until: "2027-01-20", ...running });
    await endSubscription("fro", "2026-01-21");
    await switchToYear("fro", { on: "2026-01-22", until: "2027-01-22", ...running });
    await endSubscription("fro", "2026-01-23");
    await switchToYear("fro", { on: "2026-01-24", until: "2027-01-24", ...running });
    await fixture.run("2026-02-15");
    expect(await fixture.schedules("fro")).toEqual([
      "invoice:in_fro_20 n=0 due never",
      "invoice:in_fro_22 n=0 due never",
      "invoice:in_fro_24 n=1 due 2026-03-15",
    ]);
    expect(await fixture.lots("fro")).toHaveLength(2);
  },

  "run up to 24 h late": async () => {
    await fixture.buyLifetime("d", "cs_d", "2026-01-15");
    await fixture.run("2026-02-16T10:00:00Z");
    expect(await fixture.lots("d", "2026-02-01")).toEqual(["checkout:cs_d 1000 until 2026-03-17"]);
  },

  "run days late, paid schedule": async () => {
    await fixture.buyLifetime("late", "cs_late", "2026-01-15");
    await fixture.run("2026-04-20");
    expect(await fixture.schedules("late")).toEqual(["checkout:cs_late n=4 due 2026-05-15"]);
    expect(await fixture.lots("late", "2026-02-01")).toEqual([
      "checkout:cs_late 1000 until 2026-05-22",
      "checkout:cs_late 1000 until 2026-05-22",
      "checkout:cs_late 1000 until 2026-05-22",
    ]);
  },

  "run days late, free schedule": async () => {
    await fixture.signUp("fl", "2026-01-15");
    await fixture.run("2026-04-20");
    expect(await fixture.schedules("fl")).toEqual(["signup n=4 due 2026-05-15"]);
    expect(await fixture.lots("fl", "2026-02-01")).toEqual(["signup 50 until 2026-05-17"]);
  },

  "subscription deleted": async () => {
    await fixture.buyYear("del", "in_del", "2026-01-15", "2027-01-15");
    // The periods of 15 Feb and 15 Mar were due before the end, that of 15 Apr is due after it.
    await endSubscription("del", "2026-04-01");
    await fixture.run("2026-04-20");
    expect(await fixture.schedules("del")).toEqual(["invoice:in_del n=3 due never"]);
    expect(await fixture.lots("del")).toHaveLength(3);
  },

  "subscription deleted at a due time": async () => {
    await fixture.buyYear("dd", "in_dd", "2026-01-15", "2027-01-15");
    await endSubscription("dd", "2026-02-15");
    await fixture.run("2026-02-15");
    expect(await fixture.lots("dd")).toEqual(["invoice:in_dd 1000 until 2026-02-17"]);
  },

  "purchase fully refunded": async () => {
    await fixture.buyLifetime("ref", "cs_ref", "2026-01-15");
    await endPurchase("ref", "2026-01-15");
    await fixture.run("2026-04-20");
    expect(await fixture.schedules("ref")).toEqual(["checkout:cs_ref n=1 due never"]);
    expect(await fixture.lots("ref")).toHaveLength(1);
  },

  "full refund failed": async () => {
    await fixture.buyLifetime("rf", "cs_rf", "2026-01-15");
    await endPurchase("rf", "2026-01-15");
    await fixture.run("2026-03-20");
    const purchase = { userId: "rf", source: "checkout:cs_rf" };
    const whole = { ...purchase, fromAt: at("2026-01-15"), endsAt: null };
    for (let i = 0; i < 2; i++) await fixture.write((tx) => reopenSchedules(tx, whole));
    expect(await fixture.schedules("rf")).toEqual(["checkout:cs_rf n=1 due 2026-02-15"]);
    await fixture.run("2026-03-20");
    expect(await fixture.lots("rf", "2026-02-01")).toEqual([
      "checkout:cs_rf 1000 until 2026-04-22",
      "checkout:cs_rf 1000 until 2026-04-22",
    ]);
  },

  "purchase partly refunded": async () => {
    await fixture.buyLifetime("part", "cs_part", "2026-01-15");
    await refundPart("part", "2026-01-20");
    await fixture.run("2026-02-15");
    expect(await fixture.schedules("part")).toEqual(["checkout:cs_part n=2 due 2026-03-15"]);
    expect(await fixture.lots("part")).toEqual([
      "checkout:cs_part 1000 until 2026-02-17",
      "checkout:cs_part 750 until 2026-03-17",
    ]);
    const { available } = await getBalance(test.db, { userId: "part", at: at("2026-02-16") });
    expect(available).toBe(1500);
  },

  "partial refund failed": async () => {
    await fixture.buyLifetime("pfail", "cs_pfail", "2026-01-15");
    await refundPart("pfail", "2026-01-20");
    await fixture.run("2026-02-15");
    await fixture.run("2026-03-15");
    await failRefund("pfail", "2026-03-20");
    await fixture.run("2026-04-15");
    expect(await fixture.lots("pfail", "2026-02-01")).toEqual([
      "checkout:cs_pfail 750 until 2026-03-17",
      "checkout:cs_pfail 750 until 2026-04-17",
      "checkout:cs_pfail 250 until 2026-04-17",
      "checkout:cs_pfail 250 until 2026-04-19",
      "checkout:cs_pfail 250 until 2026-04-17",
      "checkout:cs_pfail 1000 until 2026-05-17",
    ]);
  },

  "dispute opened": async () => {
    await dispute("do", "2026-02-01");
    await fixture.run("2026-03-20");
    expect(await fixture.schedules("do")).toEqual(["checkout:cs_do n=1 due never"]);
    expect(await fixture.lots("do")).toHaveLength(1);
  },

  "dispute won": async () => {
    await dispute("dw", "2026-02-01");
    await fixture.run("2026-03-20");
    const won = { userId: "dw", source: "checkout:cs_dw" };
    for (let i = 0; i < 2; i++) await fixture.write((tx) => resumeSchedules(tx, won));
    expect(await fixture.schedules("dw")).toEqual(["checkout:cs_dw n=1 due 2026-02-15"]);
    await fixture.run("2026-03-20");
    expect(await fixture.schedules("dw")).toEqual(["checkout:cs_dw n=3 due 2026-04-15"]);
    expect(await fixture.lots("dw", "2026-02-01")).toEqual([
      "checkout:cs_dw 1000 until 2026-04-22",
      "checkout:cs_dw 1000 until 2026-04-22",
    ]);
  },

  "dispute lost": async () => {
    await dispute("dl", "2026-02-01");
    await endPurchase("dl", "2026-01-15");
    // A later resume does not reopen it.
    await fixture.write((tx) => resumeSchedules(tx, { userId: "dl", source: "checkout:cs_dl" }));
    await fixture.run("2026-03-20");
    expect(await fixture.schedules("dl")).toEqual(["checkout:cs_dl n=1 due never"]);
    expect(await fixture.lots("dl")).toHaveLength(1);
  },

  "subscription ended during a dispute that is then won": async () => {
    await fixture.buyYear("es", "in_es", "2026-01-15", "2027-01-15");
    const disputed = { userId: "es", source: "invoice:in_es" };
    await fixture.write((tx) => suspendSchedules(tx, { ...disputed, now: at("2026-02-01") }));
    await endSubscription("es", "2026-03-01");
    await fixture.write((tx) => resumeSchedules(tx, disputed));
    await fixture.run("2026-04-20");
    expect(await fixture.schedules("es")).toEqual(["invoice:in_es n=2 due never"]);
    expect(await fixture.lots("es")).toHaveLength(2);
  },

  "account deleted": async () => {
    await fixture.signUp("gone", "2026-01-15");
    await fixture.buyLifetime("gone", "cs_gone", "2026-01-15");
    const end = { userId: "gone", endsAt: at("2026-02-01") };
    await fixture.write((tx) => endAllSchedules(tx, end));
    await fixture.run("2026-04-20");
    expect(await fixture.schedules("gone")).toEqual([
      "checkout:cs_gone n=1 due never",
      "signup n=1 due never",
    ]);
    expect(await fixture.lots("gone", "2026-02-01")).toEqual([]);
  },

  "account in debt": async () => {
    await fixture.buyLifetime("debt", "cs_debt", "2026-01-15");
    const debt = { userId: "debt", key: "refund:re_1", amount: 1300, source: "checkout:cs_pack" };
    await fixture.write((tx) => revokeCredits(tx, { ...debt, now: at("2026-01-20") }));
    await fixture.run("2026-02-15");
    expect(await fixture.lots("debt", "2026-02-01")).toEqual([
      "checkout:cs_debt 1000 until 2026-03-17",
    ]);
    const balance = await getBalance(test.db, { userId: "debt", at: at("2026-02-15") });
    expect(balance).toMatchObject({ available: 700, debt: 0 });
  },
};

describe("the table of monthly allotments in the ledger's README", () => {
  it("has one row for each case of this test, in order", () => {
    expect(Object.keys(cases)).toEqual(rowsOfReadme());
  });

  describe.each(ZONES)("with process and database in %s", (zone) => {
    beforeAll(async () => {
      vi.stubEnv("TZ", zone);
      test = await createTestDatabase({ timeZone: zone });
      fixture = new DistributionFixture(test.db);
      expect(await effectiveZones(test.sql)).toEqual({ ofProcess: zone, ofDatabase: zone });
    });
    afterEach(() => expectBooksBalanced(test.sql));
    afterAll(async () => {
      vi.unstubAllEnvs();
      await test.close();
    });

    it.each(Object.entries(cases))("matches the row: %s", (_event, verify) => verify());
  });
});

/** The first cells of the table under "Monthly allotments". */
function rowsOfReadme(): string[] {
  const readme = readFileSync("src/ledger/README.md", "utf8");
  const section = readme.split("## Monthly allotments")[1]?.split("\n## ")[0] ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("| "));
  return rows.slice(2).map((row) => row.split("|")[1]?.trim() ?? "");
}

const monthEnds2026 = [
  "2026-02-28",
  "2026-03-31",
  "2026-04-30",
  "2026-05-31",
  "2026-06-30",
  "2026-07-31",
  "2026-08-31",
  "2026-09-30",
  "2026-10-31",
  "2026-11-30",
  "2026-12-31",
  "2027-01-31",
];

async function payMonth(
  userId: string,
  { periodEndsAt, paidOn }: { periodEndsAt: string; paidOn: string },
): Promise<void> {
  const month = { userId, invoiceId: `in_${userId}`, credits: 1000, now: at(paidOn) };
  await fixture.write((tx) =>
    grantSubscriptionMonth(tx, { ...month, periodEndsAt: at(periodEndsAt) }),
  );
}

/** Does what billing does when a running subscription becomes a yearly one. */
async function switchToYear(
  userId: string,
  { on, until, runningUntil }: { on: string; until: string; runningUntil: string },
): Promise<void> {
  await endSubscription(userId, on);
  await fixture.write((tx) =>
    openYearlySchedule(tx, {
      userId,
      subscriptionId: `sub_${userId}`,
      source: `invoice:in_${userId}_${on.slice(8)}`,
      credits: 1000,
      anchorAt: at(runningUntil),
      firstN: 0,
      endsAt: at(until),
      now: at(on),
    }),
  );
}

async function endSubscription(userId: string, day: string): Promise<void> {
  const ended = { userId, subscriptionId: `sub_${userId}`, endsAt: at(day) };
  await fixture.write((tx) => endSchedules(tx, ended));
}

/** Ends a purchase as of its beginning, as a full refund and a lost dispute do. */
async function endPurchase(userId: string, boughtOn: string): Promise<void> {
  const ended = { userId, source: `checkout:cs_${userId}`, endsAt: at(boughtOn) };
  await fixture.write((tx) => endSchedules(tx, ended));
}

/** Refunds a quarter of a purchase. */
async function refundPart(userId: string, day: string): Promise<void> {
  const standing = [{ key: `refund:re_${userId}`, cents: 25, applied: false }];
  await reverse(userId, { standing, undone: [], day });
}

async function failRefund(userId: string, day: string): Promise<void> {
  await reverse(userId, { standing: [], undone: [`refund:re_${userId}`], day });
}

async function reverse(
  userId: string,
  { day, ...reversals }: { standing: StandingReversal[]; undone: string[]; day: string },
): Promise<void> {
  const purchase = { userId, source: `checkout:cs_${userId}`, paidCents: 100, schedule: null };
  await fixture.write((tx) => reversePurchase(tx, { ...purchase, ...reversals, now: at(day) }));
}

/** Buys a lifetime on 15 Jan and disputes its charge on `day`. */
async function dispute(userId: string, day: string): Promise<void> {
  await fixture.buyLifetime(userId, `cs_${userId}`, "2026-01-15");
  const disputed = { userId, source: `checkout:cs_${userId}`, now: at(day) };
  await fixture.write((tx) => suspendSchedules(tx, disputed));
}
