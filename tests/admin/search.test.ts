import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { recordAudit } from "@/admin/audit";
import { searchConsole } from "@/admin/search";
import { stripeEvent } from "@/db/schema";
import { distributionRun } from "@/ledger/distribution/schema";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { makePayment, makeUser } from "./factories";

const at = new Date("2026-03-10T08:00:00Z");
const RUN = "00000000-0000-4000-8000-000000000001";
const AUDIT = "00000000-0000-4000-8000-000000000002";
let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
  for (let n = 1; n <= 7; n += 1) {
    await makeUser(test.db, { id: `mei${n}`, createdAt: at });
  }
  await makeUser(test.db, { id: "lin", name: "林月", createdAt: at, stripeCustomerId: "cus_lin" });
  await makePayment(test.db, {
    userId: "lin",
    id: "invoice:in_1",
    invoiceId: "in_1",
    paymentIntentId: "pi_1",
    subscriptionId: "sub_1",
    paidAt: at,
  });
  await makePayment(test.db, {
    userId: "mei1",
    id: "checkout:cs_2",
    sessionId: "cs_2",
    invoiceId: "in_2",
    paidAt: at,
  });
  const event = { type: "invoice.paid", livemode: false, payload: {}, createdAt: at };
  await test.db
    .insert(stripeEvent)
    .values({ ...event, id: "evt_1", objectId: "in_1", userId: "lin", receivedAt: at });
  await test.db
    .insert(distributionRun)
    .values({ id: RUN, status: "done", asOf: at, startedAt: at, updatedAt: at });
  const entry = { id: AUDIT, actorId: "boss", action: "user.ban", targetUserId: "lin" } as const;
  await recordAudit(test.db, { ...entry, reason: "fraud", now: at });
});
afterAll(() => test.close());

/** The ids of what a term finds, by kind. */
async function idsOf(q: string) {
  const found = await searchConsole(test.db, { q, at });
  const { users, payments, events, runs, audit } = found ?? expect.fail(`${q} is too short`);
  const groups = {
    users: users.rows,
    payments: payments.rows,
    events: events.rows,
    runs,
    audit: audit.rows,
  };
  return Object.fromEntries(
    Object.entries(groups).flatMap(([kind, rows]) =>
      rows.length === 0 ? [] : [[kind, rows.map(({ id }) => id)]],
    ),
  );
}

describe("searchConsole", () => {
  it.each([
    ["lin@qiflow.example", { users: ["lin"] }],
    ["林月", { users: ["lin"] }],
    ["lin", { users: ["lin"] }],
    ["cus_lin", { users: ["lin"] }],
    ["in_1", { payments: ["invoice:in_1"], events: ["evt_1"] }],
    ["invoice:in_1", { payments: ["invoice:in_1"] }],
    ["in_2", { payments: ["checkout:cs_2"] }],
    ["pi_1", { payments: ["invoice:in_1"] }],
    ["sub_1", { payments: ["invoice:in_1"] }],
    ["evt_1", { events: ["evt_1"] }],
    [RUN, { runs: [RUN] }],
    [AUDIT, { audit: [AUDIT] }],
    ["cs_unknown", {}],
    ["00000000-0000-4000-8000-000000000003", {}],
    ["%_\\'; --", {}],
  ])("finds %s", async (q, expected) => {
    expect(await idsOf(q)).toEqual(expected);
  });

  it("returns the first rows and whether there are more", async () => {
    const { users } = (await searchConsole(test.db, { q: "mei", at })) ?? expect.fail("too short");
    expect(users.rows).toHaveLength(5);
    expect(users.hasMore).toBe(true);
  });

  it("names the payer of a payment", async () => {
    const found = await searchConsole(test.db, { q: "pi_1", at });
    expect(found?.payments.emails.get("lin")).toBe("lin@qiflow.example");
  });

  it("refuses a term of one character", async () => {
    for (const q of ["", "a", "林"]) expect(await searchConsole(test.db, { q, at })).toBeNull();
  });
});
