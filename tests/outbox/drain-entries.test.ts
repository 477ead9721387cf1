import { eq } from "drizzle-orm";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { outbox } from "@/db/schema";
import { deliverEmails } from "@/emails/deliver-emails";
import type { EmailProvider } from "@/emails/email-provider";
import {
  enqueueReset,
  entryOf,
  minutesAfter,
  recordingEmailProvider,
  START,
} from "../emails/email-fixture";
import { createTestDatabase, type TestDatabase } from "../support/database";

let database: TestDatabase;
const opened: TestDatabase[] = [];
beforeEach(async () => {
  database = await createTestDatabase();
  opened.push(database);
});
afterAll(async () => {
  await Promise.all(opened.map((one) => one.close()));
});

/** Drains the entries of kind `email`, which stand for all kinds here. */
const drainAt = (now: Date, emailProvider: EmailProvider, deadlineMs?: number) =>
  deliverEmails(database.db, { emailProvider, now, ...(deadlineMs && { deadlineMs }) });

describe("drainEntries", () => {
  it("starts each entry's lease when the entry is claimed, not when the drain starts", async () => {
    await enqueueReset(database, "first");
    await enqueueReset(database, "second", minutesAfter(0.001));
    const { emailProvider } = recordingEmailProvider();
    const leases: number[] = [];
    const slow: EmailProvider = {
      ...emailProvider,
      async send(email) {
        const entry = await entryOf(database, email.idempotencyKey.replace("email:", ""));
        leases.push(entry.leasedUntil?.getTime() ?? 0);
        await new Promise((resolve) => setTimeout(resolve, 60));
        await emailProvider.send(email);
      },
    };
    await drainAt(minutesAfter(1), slow);
    const [first = 0, second = 0] = leases;
    expect(first).toBeGreaterThan(minutesAfter(1).getTime());
    expect(second - first).toBeGreaterThanOrEqual(59);
  });

  it("delivers each entry once when five workers run concurrently", async () => {
    await Promise.all(Array.from({ length: 30 }, (_, n) => enqueueReset(database, `crowd-${n}`)));
    const { emailProvider, emails } = recordingEmailProvider();
    await Promise.all(Array.from({ length: 5 }, () => drainAt(START, emailProvider)));
    expect(emails).toHaveLength(30);
    expect(new Set(emails.map((email) => email.idempotencyKey)).size).toBe(30);
  });

  it("delivers everything that is due in one call", async () => {
    await Promise.all(Array.from({ length: 120 }, (_, n) => enqueueReset(database, `many-${n}`)));
    const { emailProvider } = recordingEmailProvider();
    expect(await drainAt(START, emailProvider)).toEqual({ sent: 120, failed: 0 });
  });

  it("claims no entry after its deadline", async () => {
    await enqueueReset(database, "late");
    const { emailProvider, emails } = recordingEmailProvider();
    await drainAt(START, emailProvider, performance.now());
    expect(emails).toEqual([]);
    expect(await entryOf(database, "late")).toMatchObject({ status: "pending", attempts: 0 });
  });

  it("leaves an entry closed that an admin closed during a failed attempt", async () => {
    await enqueueReset(database, "closed");
    const { emailProvider } = recordingEmailProvider();
    const send = async () => {
      await database.db.update(outbox).set({ status: "closed" });
      throw new Error("bounced");
    };
    await drainAt(START, { ...emailProvider, send });
    expect(await entryOf(database, "closed")).toMatchObject({ status: "closed" });
  });

  it("records nothing when an admin reset the attempts during a failed attempt", async () => {
    await enqueueReset(database, "reset");
    const { emailProvider } = recordingEmailProvider();
    const send = async () => {
      await database.db
        .update(outbox)
        .set({ attempts: 0, leasedUntil: null })
        .where(eq(outbox.idempotencyKey, "email:reset"));
      throw new Error("bounced");
    };
    await drainAt(START, { ...emailProvider, send });
    expect(await entryOf(database, "reset")).toMatchObject({
      status: "pending",
      attempts: 0,
      lastError: null,
    });
  });

  it("retries an entry whose worker crashed once the lease has expired", async () => {
    await enqueueReset(database, "crashed");
    await database.db.update(outbox).set({ attempts: 1, nextAttemptAt: minutesAfter(3) });
    const { emailProvider, emails } = recordingEmailProvider();
    await drainAt(minutesAfter(2), emailProvider);
    expect(emails).toEqual([]);
    await drainAt(minutesAfter(3), emailProvider);
    expect(emails).toHaveLength(1);
  });

  it("holds a lease during the attempt and clears it afterwards", async () => {
    await enqueueReset(database, "leased");
    const { emailProvider } = recordingEmailProvider();
    const leases: unknown[] = [];
    const send = async () => void leases.push((await entryOf(database, "leased")).leasedUntil);
    await drainAt(START, { ...emailProvider, send });
    expect(leases).toEqual([minutesAfter(3)]);
    const entry = await entryOf(database, "leased");
    expect(entry).toMatchObject({ status: "done", leasedUntil: null });
  });
});
