import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { auditQuery, listAudit } from "@/admin/audit";
import { listRuns, runsQuery } from "@/admin/distribution/runs";
import { eventsQuery, listEvents, readEvent } from "@/admin/events/events";
import { listOutbox, outboxQuery } from "@/admin/outbox";
import { listAllPayments, paymentsQuery } from "@/admin/payments";
import { listUsers, usersQuery } from "@/admin/users/list-users";
import { findUser, readLedgerPage, userQuery } from "@/admin/users/user";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { makeUser } from "./people";

const at = new Date("2026-03-10T08:00:00Z");
let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
  await makeUser(test.db, { id: "u", createdAt: at });
});
afterAll(() => test.close());

type Address = Record<string, string | string[]>;
const LISTS: readonly [name: string, list: (address: Address) => Promise<unknown>][] = [
  ["users", (address) => listUsers(test.db, { filter: usersQuery.parse(address), at })],
  ["payments", (address) => listAllPayments(test.db, paymentsQuery.parse(address))],
  ["events", (address) => listEvents(test.db, eventsQuery.parse(address))],
  ["outbox", (address) => listOutbox(test.db, outboxQuery.parse(address))],
  ["audit", (address) => listAudit(test.db, auditQuery.parse(address))],
  ["runs", (address) => listRuns(test.db, runsQuery.parse(address))],
  [
    "one user's ledger",
    (address) => {
      const { at: asked, type, ...turn } = userQuery.parse(address);
      return readLedgerPage(test.db, { userId: "u", turn, at: asked ?? at, ...(type && { type }) });
    },
  ],
];

const INSTANTS = [
  ...["2026-02-30T00:00:00.000000Z", "2026-13-01T00:00:00.000000Z", "0000-01-01T00:00:00.000000Z"],
  ...["2026-01-01T24:00:00.000000Z", "2026-01-01T00:00:60.000000Z", "9999-12-31T23:59:59.999999Z"],
  ...["2026-03-10T08:00:00.000000Z", "-infinity", ""],
];
const DAYS = ["2026-02-30", "0000-01-01", "0999-12-31", "9999-12-31", "10000-01-01", "2026-3-1"];
const IDS = ["x", "", "\0", "%", "'", "é", "00000000-0000-4000-8000-00000000000g", "{}"];
const TEXTS = [
  ...["\0", "a\0b", "%", "_", "\\", "\\\\%", "'", '"', "李", "\u{1f600}", "é", "{", "}", "a", "ab"],
  ...["x".repeat(10_000), "NaN", "-1", "1e999", "9".repeat(40), "0000-01-01T00:00:00Z"],
  ...["9999-12-31T23:59:59-23:59", "2026-02-30T00:00:00Z", "00000000-0000-4000-8000-000000000000"],
];
const NAMES = [
  ...["q", "status", "kind", "type", "role", "state", "paid", "at", "before", "after"],
  ...["item", "currency", "back", "from", "to", "action"],
];

describe.each(LISTS)("the list of %s", (_, list) => {
  it("takes an address that makes no sense for one that says nothing, and never fails", async () => {
    for (const at of INSTANTS)
      for (const id of IDS)
        for (const way of ["older", "newer"])
          await expect(list({ [way]: `${at}_${id}` }), `${way}=${at}_${id}`).resolves.toBeDefined();
    for (const name of [...NAMES, "older", "newer", "order"])
      for (const value of [...TEXTS, ...DAYS]) {
        await expect(list({ [name]: value }), `${name}=${value}`).resolves.toBeDefined();
        await expect(list({ [name]: [value, value] }), `${name} twice`).resolves.toBeDefined();
      }
  });
});

describe("a page of one thing", () => {
  it("finds nothing under an id that no text can be", async () => {
    for (const id of ["\0", "u\0", "", "x".repeat(10_000)]) {
      expect(await findUser(test.db, id)).toBeUndefined();
      expect(await readEvent(test.db, id)).toBeUndefined();
    }
  });
});
