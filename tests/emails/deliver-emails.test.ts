import { minutesInDay } from "date-fns/constants";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { outbox } from "@/db/schema";
import { deliverEmails, MAX_ATTEMPTS } from "@/emails/deliver-emails";
import { EmailProviderUnavailable } from "@/emails/email-provider";
import { createTestDatabase, type TestDatabase } from "../support/database";
import {
  enqueueReset,
  entryOf,
  minutesAfter,
  recordingEmailProvider,
  START,
} from "./email-fixture";

let database: TestDatabase;
const opened: TestDatabase[] = [];
beforeEach(async () => {
  database = await createTestDatabase();
  opened.push(database);
});
afterAll(async () => {
  await Promise.all(opened.map((one) => one.close()));
});

describe("deliverEmails", () => {
  it("stops at the first email when the provider is unavailable, without counting the others", async () => {
    for (const key of ["first", "second", "third"]) await enqueueReset(database, key);
    const { emailProvider } = recordingEmailProvider({
      failures: 1,
      failure: new EmailProviderUnavailable("away"),
    });
    const deliver = () => deliverEmails(database.db, { emailProvider, now: START });
    expect(await deliver()).toEqual({ sent: 0, failed: 1 });
    const entries = await database.db.select({ attempts: outbox.attempts }).from(outbox);
    expect(entries.map(({ attempts }) => attempts).sort()).toEqual([0, 0, 1]);
    expect(await deliver()).toEqual({ sent: 2, failed: 0 });
  });

  it("continues after an email that the provider rejects", async () => {
    for (const key of ["first", "second", "third"]) await enqueueReset(database, key);
    const { emailProvider } = recordingEmailProvider({ failures: 1 });
    expect(await deliverEmails(database.db, { emailProvider, now: START })).toEqual({
      sent: 2,
      failed: 1,
    });
  });

  it("retries a failed email later under the same key", async () => {
    await enqueueReset(database, "retried");
    const { emailProvider, emails } = recordingEmailProvider({ failures: 1 });
    const deliverAt = (now: Date) => deliverEmails(database.db, { emailProvider, now });
    expect(await deliverAt(START)).toEqual({ sent: 0, failed: 1 });
    expect(await entryOf(database, "retried")).toMatchObject({
      status: "pending",
      attempts: 1,
      lastError: "The address bounced.",
    });
    expect(await deliverAt(START)).toEqual({ sent: 0, failed: 0 });
    expect(await deliverAt(minutesAfter(1))).toEqual({ sent: 1, failed: 0 });
    expect(emails[0]).toMatchObject({ idempotencyKey: "email:retried", to: "mei@example.com" });
    expect(await entryOf(database, "retried")).toMatchObject({ status: "done", lastError: null });
  });

  it("dead-letters an email after eight attempts", async () => {
    await enqueueReset(database, "dead");
    const { emailProvider, emails } = recordingEmailProvider({ failures: 100 });
    for (let day = 0; day < MAX_ATTEMPTS + 2; day += 1) {
      await deliverEmails(database.db, { emailProvider, now: minutesAfter(day * minutesInDay) });
    }
    const entry = await entryOf(database, "dead");
    expect(entry).toMatchObject({ status: "dead", attempts: MAX_ATTEMPTS });
    expect(emails).toEqual([]);
  });

  it("sends the other emails when one cannot be rendered", async () => {
    await enqueueReset(database, "broken");
    await database.db.update(outbox).set({ payload: { template: "no-such-template" } });
    await enqueueReset(database, "valid", minutesAfter(1));
    const { emailProvider } = recordingEmailProvider();
    expect(await deliverEmails(database.db, { emailProvider, now: minutesAfter(2) })).toEqual({
      sent: 1,
      failed: 1,
    });
  });

  it("deletes the secret link of a sent email, except for the mail preview", async () => {
    await enqueueReset(database, "sent");
    const { emailProvider } = recordingEmailProvider();
    await deliverEmails(database.db, { emailProvider, now: START });
    expect(JSON.stringify((await entryOf(database, "sent")).payload)).not.toContain("token=");
    await enqueueReset(database, "previewed");
    const preview = recordingEmailProvider({ keepsLinks: true });
    await deliverEmails(database.db, { emailProvider: preview.emailProvider, now: START });
    expect(JSON.stringify((await entryOf(database, "previewed")).payload)).toContain("token=");
  });
});
