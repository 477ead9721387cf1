import { millisecondsInHour } from "date-fns/constants";
import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { spendCredits } from "@/ledger/debit";
import { distributeCredits } from "@/ledger/distribution/distribute";
import { expireCredits } from "@/ledger/distribution/expire";
import { previewDistribution } from "@/ledger/distribution/preview";
import { distributionRun } from "@/ledger/distribution/schema";
import { getBalance } from "@/ledger/reads/balance";
import { expectBooksBalanced } from "../../support/books";
import { createTestDatabase, type TestDatabase } from "../../support/database";
import { at, DistributionFixture } from "./distribution-fixture";

let test: TestDatabase;
let fixture: DistributionFixture;

beforeAll(async () => {
  test = await createTestDatabase();
  fixture = new DistributionFixture(test.db);
});
afterEach(() => expectBooksBalanced(test.sql));
afterAll(() => test.close());

describe("distributeCredits", () => {
  it("leaves the 120 credits of a new account unchanged when it is opened repeatedly", async () => {
    for (let i = 0; i < 3; i++) await fixture.signUp("new", "2026-01-31");
    const balance = await getBalance(test.db, { userId: "new", at: at("2026-01-31") });
    expect(balance).toMatchObject({ available: 120, held: 0, debt: 0 });
    expect(balance.nextAllotment).toEqual({ credits: 50, dueAt: at("2026-02-28") });
  });

  it("applies what the preview of the same instant reports, and nothing on a second call", async () => {
    await fixture.signUp("free", "2026-01-31");
    await fixture.signUp("member", "2026-01-31");
    await fixture.becomeMember("member", "2026-02-01", "2026-06-01");
    await fixture.buyLifetime("lifetime", "cs_1", "2026-01-31");
    await fixture.buyYear("yearly", "in_1", "2026-01-31", "2026-04-30");
    const later = "2026-05-05";
    const preview = await previewDistribution(test.db, at(later));
    const run = await fixture.run(later);
    expect(run).toMatchObject({
      status: "done",
      usersCount: preview.usersCount,
      grantedCredits: preview.creditsToGrant,
      expiredCount: preview.expiringLotCount,
      expiredCredits: preview.creditsToExpire,
      errorCount: 0,
    });
    // Two of the three free users are not members; three months of a lifetime; two of the year.
    expect(preview).toMatchObject({ usersCount: 5, allotmentCount: 2 + 3 + 2 });
    const again = await fixture.run(later);
    expect(again).toMatchObject({ usersCount: 0, expiredCount: 0, grantedCredits: 0 });
  });

  it("counts a user with two sources once, also across batches", async () => {
    await fixture.signUp("two", "2026-01-31");
    await fixture.buyLifetime("two", "cs_two", "2026-02-01");
    await fixture.becomeMember("two", "2026-01-30", "2026-02-20");
    const run = await distributeCredits(test.db, {
      now: at("2026-03-01"),
      deadlineMs: Infinity,
      batchSize: 1,
      concurrency: 1,
    });
    expect(run).toMatchObject({ status: "done", usersCount: 1, grantedCredits: 50 + 1000 });
  });

  it("closes a run that was open for 20 hours and starts another", async () => {
    await fixture.signUp("late", "2026-01-31");
    const now = at("2026-02-28");
    const call = (hoursLater: number, deadlineMs = Infinity) =>
      distributeCredits(test.db, {
        now,
        deadlineMs,
        clock: () => new Date(now.getTime() + hoursLater * millisecondsInHour),
      });
    const unfinished = await call(0, 0);
    expect(unfinished).toMatchObject({
      status: "running",
      outcome: "deadline reached",
      usersCount: 0,
    });
    expect(await call(19.9, 0)).toMatchObject({ id: unfinished.id, status: "running" });
    const next = await call(20.1);
    expect(next).toMatchObject({ status: "done", outcome: "drained", usersCount: 1 });
    expect(next.id).not.toBe(unfinished.id);
    const [closed] = await test.db
      .select()
      .from(distributionRun)
      .where(eq(distributionRun.id, unfinished.id));
    expect(closed).toMatchObject({ status: "done", usersCount: 0 });
  });

  it("books both lots of one instant when a batch ends between them", async () => {
    await fixture.signUp("edge", "2026-01-31");
    const now = at("2026-03-02");
    await expireCredits(test.db, { runId: null, now, deadlineMs: Infinity, batchSize: 1 });
    const [open] = await test.sql`
      select count(*)::integer as lots from credit_lot where user_id = 'edge' and is_open`;
    expect(open).toEqual({ lots: 0 });
  });

  it("books expired lots before it grants", async () => {
    await fixture.signUp("order", "2026-06-30");
    await fixture.run("2026-08-05");
    const rows = await test.sql`
      select type, amount::integer from credit_transaction where user_id = 'order' order by seq`;
    expect([...rows]).toEqual([
      { type: "REGISTER_GIFT", amount: 70 },
      { type: "MONTHLY_REFRESH", amount: 50 },
      { type: "EXPIRE", amount: -70 },
      { type: "EXPIRE", amount: -50 },
      { type: "MONTHLY_REFRESH", amount: 50 },
    ]);
  });

  it("expires the remainder of a lot", async () => {
    await fixture.signUp("spender", "2026-07-15");
    const spend = { userId: "spender", key: "reading:1:spend", amount: 80, source: "reading:1" };
    await fixture.write((tx) => spendCredits(tx, { ...spend, now: at("2026-07-20") }));
    await fixture.run("2026-09-01");
    const [expired] = await test.sql`
      select sum(amount)::integer as credits from credit_transaction
      where user_id = 'spender' and type = 'EXPIRE'`;
    expect(expired).toEqual({ credits: -40 });
  });
});
