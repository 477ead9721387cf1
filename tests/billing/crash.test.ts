import { drizzle } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { ItemId } from "@/billing/catalog";
import type { Billing } from "@/billing/context";
import { handleStripeWebhook } from "@/billing/receive-event";
import * as schema from "@/db/schema";
import { World } from "./world";

let world: World;
beforeAll(async () => {
  world = await World.create();
});
afterEach(() => world.expectBalanced());
afterAll(() => world.close());

/** Billing over a database that dies for good before its `last + 1`th statement. */
function dyingAfter(last: number): {
  billing: Billing;
  end: () => Promise<void>;
  died: () => boolean;
} {
  const client = postgres(world.database.appUrl, { max: 2, onnotice: () => {} });
  let statements = 0;
  const logger = {
    logQuery() {
      statements += 1;
      if (statements > last) throw new Error("the process is gone");
    },
  };
  const db = drizzle(client, { schema, casing: "snake_case", logger });
  return {
    billing: { ...world.billing, db },
    end: () => client.end({ timeout: 5 }),
    died: () => statements > last,
  };
}

type EventType = Parameters<World["control"]["listEvents"]>[0];

/** Delivers the latest event of a type, dying one statement later each time, until it goes through. */
async function deliverDying(type: EventType, check: () => Promise<void>): Promise<number> {
  const event = world.control.listEvents(type).at(-1);
  if (event === undefined) throw new Error(`no ${type} happened`);
  for (let last = 0; last < 60; last += 1) {
    const { body, header } = world.control.signedPayload(event);
    const headers = { "stripe-signature": header };
    const dying = dyingAfter(last);
    const request = new Request("http://localhost/", { method: "POST", body, headers });
    const answer = await handleStripeWebhook(dying.billing, request);
    await dying.end();
    await check();
    if (!dying.died()) {
      expect(answer.status).toBe(200);
      return last;
    }
    expect(answer.status).toBe(500);
  }
  throw new Error("it never went through");
}

describe("a process that dies between any two statements", () => {
  it.each<[ItemId, EventType]>([
    ["pack-basic", "checkout.session.completed"],
    ["lifetime", "checkout.session.completed"],
    ["pro-monthly", "invoice.paid"],
    ["pro-yearly", "invoice.paid"],
  ])("of a %s leaves all or nothing, and the retry grants once", async (item, type) => {
    const userId = await world.signUp();
    world.isUp = false;
    await world.buy(userId, item);
    world.isUp = true;
    const survived = await deliverDying(type, async () => {
      const [payments, booked] = [await world.payments(userId), await world.booked(userId)];
      expect(booked).toHaveLength(payments.length);
    });
    expect(survived).toBeGreaterThan(5);
    expect(await world.booked(userId)).toHaveLength(1);
  });

  it("of a refund leaves all or nothing, and the retry takes back once", async () => {
    const userId = await world.signUp();
    await world.buy(userId, "lifetime");
    const [paid] = await world.payments(userId);
    world.isUp = false;
    await world.control.refund(paid?.paymentIntentId ?? "");
    world.isUp = true;
    await deliverDying("charge.refunded", async () => {
      const [now] = await world.payments(userId);
      const taken = (await world.booked(userId)).filter(({ type }) => type === "REVOKE");
      expect(taken).toHaveLength(now?.refundedCents === 0 ? 0 : 1);
    });
    expect(await world.granted(userId)).toBe(0);
  });
});
