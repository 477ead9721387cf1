import { eq, sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { documentFilter, listDocuments } from "@/billing/purchases/documents";
import { checkoutSession, payment } from "@/db/schema";
import { BillingFixture } from "../billing-fixture";

let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterEach(() => fixture.expectBalanced());
afterAll(() => fixture.close());

async function list(userId: string, query: Record<string, string> = {}, limit = 20) {
  const filter = documentFilter.parse(query);
  const page = await listDocuments(fixture.billing, { userId, locale: "en", filter, limit });
  return page.rows;
}

/** A user with a refunded pack, a pending pack, a paid plan and an open renewal of it. */
async function buyer() {
  const userId = await fixture.signUp();
  await fixture.buy(userId, "pack-basic");
  const [pack] = await fixture.payments(userId);
  await fixture.control.refund(pack?.paymentIntentId ?? "");
  await fixture.control.advanceClock({ ms: 1_000 });
  const plan = await fixture.subscriptionOf(await fixture.buy(userId, "pro-monthly"));
  fixture.control.failNextPayment(plan, 3);
  await fixture.control.advanceClock({ months: 1, days: 1 });
  await fixture.buy(userId, "pack-standard", "later");
  return userId;
}

describe("listDocuments", () => {
  it("lists every invoice and receipt with its status and links, newest first", async () => {
    const userId = await buyer();
    const rows = await list(userId);
    expect(rows).toMatchObject([
      { item: "pack-standard", status: "pending", money: null, pageUrl: null },
      { item: "pro-monthly", status: "open", credits: null, money: { amountCents: 990 } },
      { item: "pro-monthly", status: "paid", credits: 1000 },
      { item: "pack-basic", status: "refunded", refundedCents: 990 },
    ]);
    for (const invoice of rows.slice(1)) {
      expect(invoice?.number).toMatch(/-\d+$/);
      expect(invoice?.pdfUrl).toContain("/invoice/in_");
      expect(invoice?.pageUrl).toContain("/invoice/in_");
    }
  });

  it("finds rows by item, invoice number and status", async () => {
    const userId = await buyer();
    const [, open] = await list(userId);
    const itemsOf = async (query: Record<string, string>) =>
      (await list(userId, query)).map(({ item, status }) => `${item} ${status}`);
    expect(await itemsOf({ q: "basic" })).toEqual(["pack-basic refunded"]);
    expect(await itemsOf({ q: "PRO" })).toEqual(["pro-monthly open", "pro-monthly paid"]);
    expect(await itemsOf({ q: open?.number ?? "" })).toEqual(["pro-monthly open"]);
    expect(await itemsOf({ q: "nothing" })).toEqual([]);
    expect(await itemsOf({ status: "paid" })).toEqual(["pro-monthly paid"]);
    expect(await itemsOf({ status: "refunded" })).toEqual(["pack-basic refunded"]);
    expect(await itemsOf({ status: "open" })).toEqual(["pro-monthly open"]);
    expect(await itemsOf({ status: "pending" })).toEqual(["pack-standard pending"]);
    expect(await itemsOf({ status: "void", q: "\0" })).toEqual([]);
  });

  it("puts an unpaid invoice on the page of its date", async () => {
    const userId = await buyer();
    await fixture.buy(userId, "pack-premium");
    const filter = documentFilter.parse({});
    const options = { userId, locale: "en", filter, limit: 1 } as const;
    const first = await listDocuments(fixture.billing, options);
    expect(first.rows.map(({ item }) => item)).toEqual(["pack-standard", "pack-premium"]);
    if (first.nextBefore === null) throw new Error("expected a second page");
    const second = await listDocuments(fixture.billing, { ...options, before: first.nextBefore });
    expect(second.rows.map(({ status }) => status)).toEqual(["open", "paid"]);
  });

  it("lists an invoice once when its payment is recorded at the same time", async () => {
    const userId = await fixture.signUp();
    await fixture.buy(userId, "pro-monthly");
    const [paid] = await fixture.db.delete(payment).where(eq(payment.userId, userId)).returning();
    const reading = await fixture.db.transaction(async (tx) => {
      // Holds up the list between its reads of the payments.
      await tx.execute(sql`lock table ${checkoutSession} in access exclusive mode`);
      const [backend] = await tx.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`);
      const rows = list(userId);
      await fixture.waitUntilBlocked(backend?.pid ?? 0);
      await tx.insert(payment).values(paid ?? expect.fail("no payment"));
      return { rows };
    });
    expect((await reading.rows).map(({ id }) => id)).toEqual([paid?.id]);
  });

  it("lists the payments when Stripe does not respond", async () => {
    const userId = await buyer();
    fixture.control.failNextCall({ method: "GET", path: "/v1/invoices", when: "before" });
    const rows = await list(userId);
    expect(rows.map(({ status }) => status)).toEqual(["pending", "paid", "refunded"]);
  });

  it("shows nothing of other users", async () => {
    await buyer();
    expect(await list(await fixture.signUp())).toEqual([]);
  });
});
