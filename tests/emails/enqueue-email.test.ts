import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { outbox } from "@/db/schema";
import { deliverEmails } from "@/emails/deliver-emails";
import { enqueueEmail } from "@/emails/enqueue-email";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { enqueueReset, recordingEmailProvider, START } from "./email-fixture";

let database: TestDatabase;
const opened: TestDatabase[] = [];
beforeEach(async () => {
  database = await createTestDatabase();
  opened.push(database);
});
afterAll(async () => {
  await Promise.all(opened.map((one) => one.close()));
});

const ACCOUNT_DELETED = {
  template: "account-deleted",
  props: {},
  userId: null,
  to: "mei@example.com",
  locale: "en",
  now: START,
} as const;

describe("enqueueEmail", () => {
  it("keeps one email per key", async () => {
    await Promise.all([1, 2, 3].map(() => enqueueReset(database, "same")));
    const { emailProvider, emails } = recordingEmailProvider();
    const delivery = await deliverEmails(database.db, { emailProvider, now: START });
    expect(delivery).toEqual({ sent: 1, failed: 0 });
    expect(emails).toHaveLength(1);
  });

  it("adds nothing when the transaction rolls back", async () => {
    const rolledBack = database.db.transaction(async (tx) => {
      await enqueueEmail(tx, { ...ACCOUNT_DELETED, key: "rolled back" });
      throw new Error("changed our mind");
    });
    await expect(rolledBack).rejects.toThrow("changed our mind");
    const { emailProvider } = recordingEmailProvider();
    const delivery = await deliverEmails(database.db, { emailProvider, now: START });
    expect(delivery).toEqual({ sent: 0, failed: 0 });
  });

  it("skips invalid emails without rolling back the transaction", async () => {
    await database.db.transaction(async (tx) => {
      await enqueueEmail(tx, {
        template: "low-balance",
        props: { available: -1, cost: 10 },
        key: "invalid props",
        userId: null,
        to: "mei@example.com",
        locale: "en",
        now: START,
      });
      await enqueueEmail(tx, { ...ACCOUNT_DELETED, key: "invalid address", to: "no address" });
      await enqueueEmail(tx, { ...ACCOUNT_DELETED, key: "valid" });
    });
    const entries = await database.db.select().from(outbox);
    expect(entries.map((entry) => entry.idempotencyKey)).toEqual(["email:valid"]);
  });

  it.each(["mei@localhost", "o'brien+tag@例子.中国", '"quoted"@example.com', "a..b@example.com"])(
    "accepts the unusual address %s",
    async (to) => {
      await enqueueEmail(database.db, { ...ACCOUNT_DELETED, key: "unusual", to });
      const { emailProvider, emails } = recordingEmailProvider();
      await deliverEmails(database.db, { emailProvider, now: START });
      expect(emails.map((email) => email.to)).toEqual([to]);
    },
  );
});
