import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pruneBodies } from "@/billing/inbox/prune-bodies";
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

const withBodies = async () => {
  const rows = await test.ownerSql<{ id: string }[]>`
    select id from stripe_event where raw_body is not null order by id`;
  return rows.map(({ id }) => id);
};

describe("pruneBodies", () => {
  it("deletes the bodies of closed events after 90 days and keeps pending and dead ones", async () => {
    const rows = [89, 91].flatMap((days) =>
      STATUSES.map((status) => ({
        id: `${status} ${days}`,
        type: "invoice.paid",
        livemode: false,
        payload: { id: status },
        rawBody: Buffer.from([0, 255, days]),
        status,
        createdAt: daysAgo(days),
        receivedAt: daysAgo(days),
      })),
    );
    await test.db.insert(stripeEvent).values(rows);
    const { ownerSql } = test;
    await ownerSql`insert into stripe_event
        (id, type, livemode, payload, raw_body, status, created_at, received_at)
      select 'old ' || n, 'invoice.paid', false, '{}', '\\x00', 'handled', ${daysAgo(200)}, ${daysAgo(200)}
      from generate_series(1, 1200) n`;
    expect(await pruneBodies(test.db, { now, deadlineMs: performance.now() - 1 })).toBe(false);
    expect(await withBodies()).toHaveLength(1210);
    expect(await pruneBodies(test.db, { now, deadlineMs: performance.now() + 60_000 })).toBe(true);
    expect(await withBodies()).toEqual([
      "closed 89",
      "dead 89",
      "dead 91",
      "handled 89",
      "ignored 89",
      "pending 89",
      "pending 91",
    ]);
    const [kept] = await test.db.select().from(stripeEvent).limit(1);
    expect(kept?.payload).toEqual({ id: "pending" });
  });
});
