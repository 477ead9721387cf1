import { asc, eq, isNotNull, isNull } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { subjectOf } from "@/admin/events/event-subject";
import { trimEvents } from "@/billing/inbox/trim-events";
import { eventEnvelope } from "@/billing/inbox/verify-webhook";
import { stripeEvent } from "@/db/schema";
import { createTestDatabase, type TestDatabase } from "../../support/database";

const now = new Date("2026-11-01T00:00:00Z");
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000);
const STATUSES = ["pending", "handled", "ignored", "dead", "closed"] as const;

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.close());

const EVENT = {
  id: "evt_1Paid",
  object: "event",
  api_version: "2026-10-28.endive",
  created: 1_790_000_000,
  livemode: false,
  pending_webhooks: 1,
  request: { id: "req_1", idempotency_key: "Mei Lin's key" },
  type: "invoice.paid",
  data: {
    object: {
      id: "in_1Paid",
      object: "invoice",
      customer: { id: "cus_1Mei", object: "customer", email: "mei@example.com", name: "Mei Lin" },
      customer_address: { line1: "Lotus Street 8", city: "Hangzhou" },
      customer_email: "mei@example.com",
      payment_intent: "pi_1Paid",
      charge: "Mei Lin",
      client_secret: "pi_1Paid_secret_2",
      hosted_invoice_url: "https://invoice.stripe.com/i/acct_1/live_2",
      metadata: { note: "mei_lin" },
      parent: {
        type: "subscription_details",
        subscription_details: { subscription: "sub_1Mei", metadata: { a: "b" } },
      },
      subscription: null,
    },
    previous_attributes: { customer_name: "Mei" },
  },
};

describe("trimEvents", () => {
  it("trims closed events after 90 days and keeps pending and dead ones whole", async () => {
    const rows = [89, 91].flatMap((days) =>
      STATUSES.map((status) => ({
        id: `${status} ${days}`,
        type: "invoice.paid",
        livemode: false,
        payload: EVENT,
        rawBody: Buffer.from([0, 255, days]),
        status,
        createdAt: daysAgo(days),
        receivedAt: daysAgo(days),
      })),
    );
    await test.db.insert(stripeEvent).values(rows);
    await test.ownerSql`insert into stripe_event
        (id, type, livemode, payload, raw_body, status, created_at, received_at)
      select 'old ' || n, 'invoice.paid', false, '{}', '\\x00', 'handled', ${daysAgo(200)}, ${daysAgo(200)}
      from generate_series(1, 450) n`;
    expect(await trimEvents(test.db, { now, deadlineMs: performance.now() - 1 })).toBe(false);
    expect(await test.db.$count(stripeEvent, isNotNull(stripeEvent.rawBody))).toBe(460);
    expect(await trimEvents(test.db, { now, deadlineMs: performance.now() + 60_000 })).toBe(true);
    const whole = await test.db
      .select()
      .from(stripeEvent)
      .where(isNull(stripeEvent.trimmedAt))
      .orderBy(asc(stripeEvent.id));
    expect(whole.map(({ id }) => id)).toEqual([
      "closed 89",
      "dead 89",
      "dead 91",
      "handled 89",
      "ignored 89",
      "pending 89",
      "pending 91",
    ]);
    for (const { payload, rawBody } of whole) {
      expect(payload).toEqual(EVENT);
      expect(rawBody).not.toBeNull();
    }
  });

  it("keeps the envelope and the ids of a trimmed event and nothing about a person", async () => {
    const [trimmed] = await test.db
      .select()
      .from(stripeEvent)
      .where(eq(stripeEvent.id, "handled 91"));
    expect(trimmed).toMatchObject({ rawBody: null, trimmedAt: now });
    expect(trimmed?.payload).toEqual({
      id: "evt_1Paid",
      object: "event",
      api_version: "2026-10-28.endive",
      created: 1_790_000_000,
      livemode: false,
      type: "invoice.paid",
      data: {
        object: {
          id: "in_1Paid",
          object: "invoice",
          customer: { id: "cus_1Mei", object: "customer" },
          payment_intent: "pi_1Paid",
          parent: { subscription_details: { subscription: "sub_1Mei" } },
        },
      },
    });
  });

  it("leaves what a replay and the console read", async () => {
    const [trimmed] = await test.db
      .select()
      .from(stripeEvent)
      .where(isNotNull(stripeEvent.trimmedAt))
      .orderBy(asc(stripeEvent.id))
      .limit(1);
    expect(eventEnvelope.safeParse(trimmed?.payload).success).toBe(true);
    const event = { type: "invoice.paid", payload: trimmed?.payload };
    expect(subjectOf(event)).toEqual(subjectOf({ type: "invoice.paid", payload: EVENT }));
  });
});
