import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { auditQuery, listAudit } from "@/admin/audit";
import { listRuns, runsQuery } from "@/admin/distribution/runs";
import { eventsQuery, listEvents, readEvent } from "@/admin/events/events";
import { listOutbox, outboxQuery } from "@/admin/outbox";
import { listAllPayments, paymentsQuery } from "@/admin/payments";
import { listUsers, usersQuery } from "@/admin/users/list-users";
import { findUser, readLedgerPage, userQuery } from "@/admin/users/user";
import { createTestDatabase, type TestDatabase } from "../../support/database";
import { makeUser } from "../factories";

const at = new Date("2026-03-10T08:00:00Z");
let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
  await makeUser(test.db, { id: "u", createdAt: at });
});
afterAll(() => test.close());

type Query = Record<string, string | string[]>;
const LISTS: readonly [name: string, list: (query: Query) => Promise<unknown>][] = [
  ["listUsers", (query) => listUsers(test.db, { filter: usersQuery.parse(query), at })],
  ["listAllPayments", (query) => listAllPayments(test.db, paymentsQuery.parse(query))],
  ["listEvents", (query) => listEvents(test.db, eventsQuery.parse(query))],
  ["listOutbox", (query) => listOutbox(test.db, outboxQuery.parse(query))],
  ["listAudit", (query) => listAudit(test.db, auditQuery.parse(query))],
  ["listRuns", (query) => listRuns(test.db, runsQuery.parse(query))],
  [
    "readLedgerPage",
    (query) => {
      const { at: requestedAt, type, ...turn } = userQuery.parse(query);
      return readLedgerPage(test.db, {
        userId: "u",
        turn,
        at: requestedAt ?? at,
        ...(type && { type }),
      });
    },
  ],
];

const INSTANTS = [
  "2026-02-30T00:00:00.000000Z",
  "2026-13-01T00:00:00.000000Z",
  "0000-01-01T00:00:00.000000Z",
  "2026-01-01T24:00:00.000000Z",
  "2026-01-01T00:00:60.000000Z",
  "9999-12-31T23:59:59.999999Z",
  "2026-03-10T08:00:00.000000Z",
  "-infinity",
  "",
];
const DAYS = ["2026-02-30", "0000-01-01", "0999-12-31", "9999-12-31", "10000-01-01", "2026-3-1"];
const IDS = ["x", "", "\0", "%", "'", "é", "00000000-0000-4000-8000-00000000000g", "{}"];
const TEXTS = [
  "\0",
  "a\0b",
  "%",
  "_",
  "\\",
  "\\\\%",
  "'",
  '"',
  "李",
  "\u{1f600}",
  "é",
  "{",
  "}",
  "a",
  "ab",
  "x".repeat(10_000),
  "NaN",
  "-1",
  "1e999",
  "9".repeat(40),
  "0000-01-01T00:00:00Z",
  "9999-12-31T23:59:59-23:59",
  "2026-02-30T00:00:00Z",
  "00000000-0000-4000-8000-000000000000",
];
const NAMES = [
  "q",
  "status",
  "kind",
  "type",
  "role",
  "state",
  "paid",
  "at",
  "before",
  "after",
  "item",
  "currency",
  "back",
  "from",
  "to",
  "action",
];

describe.each(LISTS)("%s", (_, list) => {
  it("ignores invalid query parameters and never throws", async () => {
    for (const at of INSTANTS)
      for (const id of IDS)
        for (const direction of ["older", "newer"])
          await expect(
            list({ [direction]: `${at}_${id}` }),
            `${direction}=${at}_${id}`,
          ).resolves.toBeDefined();
    for (const name of [...NAMES, "older", "newer", "order"])
      for (const value of [...TEXTS, ...DAYS]) {
        await expect(list({ [name]: value }), `${name}=${value}`).resolves.toBeDefined();
        await expect(list({ [name]: [value, value] }), `${name} twice`).resolves.toBeDefined();
      }
  });
});

describe("findUser and readEvent", () => {
  it("return undefined for an id that no text column can hold", async () => {
    for (const id of ["\0", "u\0", "", "x".repeat(10_000)]) {
      expect(await findUser(test.db, id)).toBeUndefined();
      expect(await readEvent(test.db, id)).toBeUndefined();
    }
  });
});
