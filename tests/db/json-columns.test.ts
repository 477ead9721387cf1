import { eq, getTableColumns, is } from "drizzle-orm";
import { PgCustomColumn, PgTable } from "drizzle-orm/pg-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { enqueueAlert } from "@/alerts/alert";
import * as schema from "@/db/schema";
import { enqueueEmail } from "@/emails/enqueue-email";
import { createTestDatabase, type TestDatabase } from "../support/database";

const NAME = "Mei\0 \ud83d";
const STORED_NAME = "Mei\ufffd \ufffd";
const now = new Date("2026-11-01T00:00:00Z");

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.close());

const payloadOf = async (key: string) => {
  const where = eq(schema.outbox.idempotencyKey, key);
  const [entry] = await test.db.select().from(schema.outbox).where(where);
  return entry?.payload;
};

describe("every jsonb column", () => {
  it("cleans its values, because it is declared with `json`", () => {
    const entries: unknown[] = Object.values(schema);
    const columns = entries
      .filter((entry) => is(entry, PgTable))
      .flatMap((table) => Object.values(getTableColumns(table)))
      .filter((column) => column.getSQLType() === "jsonb");
    expect(columns.length).toBeGreaterThan(5);
    expect(columns.filter((column) => !is(column, PgCustomColumn))).toEqual([]);
  });

  it("stores an email whose text Postgres cannot store", async () => {
    await enqueueEmail(test.db, {
      template: "admin-alert",
      props: { title: NAME, lines: [] },
      key: "unstorable",
      userId: null,
      to: "mei@example.com",
      locale: "en",
      now,
    });
    expect(await payloadOf("email:unstorable")).toMatchObject({ props: { title: STORED_NAME } });
  });

  it("stores an alert whose facts Postgres cannot store", async () => {
    const alert = { key: "unstorable", subject: "A test", facts: { error: NAME }, now };
    await enqueueAlert(test.db, alert, { emails: [], webhook: true, sentry: false });
    expect(await payloadOf("alert:unstorable:webhook")).toMatchObject({
      facts: { error: STORED_NAME },
    });
  });
});
