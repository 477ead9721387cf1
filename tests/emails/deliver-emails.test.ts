import { eq } from "drizzle-orm";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { outbox } from "@/db/schema";
import { deliverEmails, MAX_ATTEMPTS } from "@/emails/deliver-emails";
import { type EmailProvider, EmailProviderUnavailable, type Mail } from "@/emails/email-provider";
import { enqueueEmail } from "@/emails/enqueue-email";
import { createTestDatabase, type TestDatabase } from "../support/database";

const START = new Date("2026-03-01T10:00:00Z");
const minutesOn = (minutes: number) => new Date(START.getTime() + minutes * 60_000);

let database: TestDatabase;
const opened: TestDatabase[] = [];
beforeEach(async () => {
  database = await createTestDatabase();
  opened.push(database);
});
afterAll(async () => {
  await Promise.all(opened.map((one) => one.close()));
});

/** A post that keeps what it was given and fails as often as it is told to. */
function recordingEmailProvider({
  failures = 0,
  failure = new Error("The post is closed."),
  keepsLinks = false,
} = {}) {
  const mails: Mail[] = [];
  let left = failures;
  const post: EmailProvider = {
    appUrl: "http://localhost:3000",
    unsubscribeSecret: "only in this test",
    keepsLinks,
    async send(mail) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      if (left > 0) {
        left -= 1;
        throw failure;
      }
      mails.push(mail);
    },
  };
  return { post, mails };
}

const LETTER = {
  template: "account-deleted",
  props: { name: "Mei" },
  userId: null,
  to: "mei@example.com",
  locale: "en",
  now: START,
} as const;

function enqueue(key: string, now = START) {
  return enqueueEmail(database.db, {
    template: "reset-password",
    props: { name: "Mei", url: "http://localhost:3000/reset-password?token=t", validMinutes: 60 },
    key,
    userId: "u1",
    to: "mei@example.com",
    locale: "en",
    now,
  });
}

async function rowOf(key: string) {
  const [row] = await database.db
    .select()
    .from(outbox)
    .where(eq(outbox.idempotencyKey, `email:${key}`));
  if (row === undefined) throw new Error(`no mail ${key}`);
  return row;
}

describe("the outbox", () => {
  it("takes each mail from the moment of its turn on, not from when the work began", async () => {
    await enqueue("first");
    await enqueue("second", minutesOn(0.001));
    const { post } = recordingEmailProvider();
    const leases: number[] = [];
    const slow: EmailProvider = {
      ...post,
      async send(mail) {
        const row = await rowOf(mail.idempotencyKey.replace("email:", ""));
        leases.push(row.leasedUntil?.getTime() ?? 0);
        await new Promise((resolve) => setTimeout(resolve, 60));
        await post.send(mail);
      },
    };
    await deliverEmails(database.db, { post: slow, now: minutesOn(1) });
    const [first = 0, second = 0] = leases;
    expect(first).toBeGreaterThan(minutesOn(1).getTime());
    expect(second - first).toBeGreaterThanOrEqual(59);
  });

  it("keeps one mail a key", async () => {
    await Promise.all([enqueue("same"), enqueue("same"), enqueue("same")]);
    const { post, mails } = recordingEmailProvider();
    expect(await deliverEmails(database.db, { post, now: START })).toEqual({ sent: 1, failed: 0 });
    expect(mails).toHaveLength(1);
  });

  it("sends nothing of a transaction that was rolled back", async () => {
    const undone = database.db.transaction(async (tx) => {
      await enqueueEmail(tx, {
        template: "account-deleted",
        props: { name: "Mei" },
        key: "undone",
        userId: null,
        to: "mei@example.com",
        locale: "en",
        now: START,
      });
      throw new Error("changed our mind");
    });
    await expect(undone).rejects.toThrow("changed our mind");
    const { post } = recordingEmailProvider();
    expect(await deliverEmails(database.db, { post, now: START })).toEqual({ sent: 0, failed: 0 });
  });

  it("lets no letter keep from being committed what it goes with", async () => {
    await database.db.transaction(async (tx) => {
      await enqueueEmail(tx, {
        template: "low-balance",
        props: { name: "Mei", available: -1, readingCost: 10 },
        key: "impossible",
        userId: null,
        to: "mei@example.com",
        locale: "en",
        now: START,
      });
      await enqueueEmail(tx, { ...LETTER, key: "nowhere", to: "no address" });
      await enqueueEmail(tx, { ...LETTER, key: "possible" });
    });
    const rows = await database.db.select().from(outbox);
    expect(rows.map((row) => row.idempotencyKey)).toEqual(["email:possible"]);
  });

  it.each(["mei@localhost", "o'brien+tag@例子.中国", '"quoted"@example.com', "a..b@example.com"])(
    "takes the address %s, which some sign-in may have let in",
    async (to) => {
      await enqueueEmail(database.db, { ...LETTER, key: "odd", to });
      const { post, mails } = recordingEmailProvider();
      await deliverEmails(database.db, { post, now: START });
      expect(mails.map((mail) => mail.to)).toEqual([to]);
    },
  );
});

describe("delivery", () => {
  it("sends each mail once when five workers run side by side", async () => {
    await Promise.all(Array.from({ length: 30 }, (_, n) => enqueue(`crowd-${n}`)));
    const { post, mails } = recordingEmailProvider();
    await Promise.all(
      Array.from({ length: 5 }, () => deliverEmails(database.db, { post, now: START })),
    );
    expect(mails).toHaveLength(30);
    expect(new Set(mails.map((mail) => mail.idempotencyKey)).size).toBe(30);
  });

  it("sends all that is due in one call, however much it is", async () => {
    await Promise.all(Array.from({ length: 120 }, (_, n) => enqueue(`many-${n}`)));
    const { post } = recordingEmailProvider();
    expect(await deliverEmails(database.db, { post, now: START })).toEqual({
      ...{ sent: 120, failed: 0 },
    });
  });

  it("begins no mail after its deadline", async () => {
    await enqueue("late");
    const { post, mails } = recordingEmailProvider();
    const deadlineMs = performance.now();
    await deliverEmails(database.db, { post, now: START, deadlineMs });
    expect(mails).toEqual([]);
    expect(await rowOf("late")).toMatchObject({ status: "pending", attempts: 0 });
  });

  it("ends with the first mail when the post is down: the others wait and lose no attempt", async () => {
    for (const key of ["first", "second", "third"]) await enqueue(key);
    const { post } = recordingEmailProvider({
      failures: 1,
      failure: new EmailProviderUnavailable("away"),
    });
    expect(await deliverEmails(database.db, { post, now: START })).toEqual({ sent: 0, failed: 1 });
    const attempts = await database.db.select({ tried: outbox.attempts }).from(outbox);
    expect(attempts.map(({ tried }) => tried).sort()).toEqual([0, 0, 1]);
    expect(await deliverEmails(database.db, { post, now: START })).toEqual({ sent: 2, failed: 0 });
  });

  it("goes on after a mail that is refused by itself", async () => {
    for (const key of ["first", "second", "third"]) await enqueue(key);
    const { post } = recordingEmailProvider({ failures: 1 });
    expect(await deliverEmails(database.db, { post, now: START })).toEqual({ sent: 2, failed: 1 });
  });

  it("leaves closed what an admin closed while it was being tried", async () => {
    await enqueue("closed");
    const close = () => database.db.update(outbox).set({ status: "closed" });
    const { post } = recordingEmailProvider();
    const send = async () => {
      await close();
      throw new Error("bounced");
    };
    await deliverEmails(database.db, { post: { ...post, send }, now: START });
    expect(await rowOf("closed")).toMatchObject({ status: "closed" });
  });

  it("tries again later after a failure, with the same key and the same words", async () => {
    await enqueue("retried");
    const { post, mails } = recordingEmailProvider({ failures: 1 });
    expect(await deliverEmails(database.db, { post, now: START })).toEqual({ sent: 0, failed: 1 });
    expect(await rowOf("retried")).toMatchObject({
      status: "pending",
      attempts: 1,
      lastError: "The post is closed.",
    });
    expect(await deliverEmails(database.db, { post, now: START })).toEqual({ sent: 0, failed: 0 });
    expect(await deliverEmails(database.db, { post, now: minutesOn(1) })).toEqual({
      sent: 1,
      failed: 0,
    });
    expect(mails[0]).toMatchObject({ idempotencyKey: "email:retried", to: "mei@example.com" });
    expect(await rowOf("retried")).toMatchObject({ status: "done", lastError: null });
  });

  it("gives up after eight attempts and leaves the mail to an admin", async () => {
    await enqueue("dead");
    const { post, mails } = recordingEmailProvider({ failures: 100 });
    for (let day = 0; day < MAX_ATTEMPTS + 2; day += 1) {
      await deliverEmails(database.db, { post, now: minutesOn(day * 24 * 60) });
    }
    expect(await rowOf("dead")).toMatchObject({ status: "dead", attempts: MAX_ATTEMPTS });
    expect(mails).toEqual([]);
  });

  it("sends again what a worker took and did not finish, once its time is over", async () => {
    await enqueue("crashed");
    await database.db
      .update(outbox)
      .set({ attempts: 1, nextAttemptAt: minutesOn(3) })
      .where(eq(outbox.idempotencyKey, "email:crashed"));
    const { post, mails } = recordingEmailProvider();
    await deliverEmails(database.db, { post, now: minutesOn(2) });
    expect(mails).toEqual([]);
    await deliverEmails(database.db, { post, now: minutesOn(3) });
    expect(mails).toHaveLength(1);
  });

  it("marks nothing when an admin has begun the count anew meanwhile", async () => {
    await enqueue("late");
    const { post } = recordingEmailProvider();
    const slow = {
      ...post,
      async send() {
        await database.db
          .update(outbox)
          .set({ attempts: 0, leasedUntil: null })
          .where(eq(outbox.idempotencyKey, "email:late"));
        throw new Error("The post is slow and then closed.");
      },
    };
    await deliverEmails(database.db, { post: slow, now: START });
    expect(await rowOf("late")).toMatchObject({ status: "pending", attempts: 0, lastError: null });
  });

  it("says of a mail that a worker has it, and no longer when it is out", async () => {
    await enqueue("leased");
    const { post } = recordingEmailProvider();
    const seen: unknown[] = [];
    const looking = {
      ...post,
      send: async () => void seen.push((await rowOf("leased")).leasedUntil),
    };
    await deliverEmails(database.db, { post: looking, now: START });
    expect(seen).toEqual([minutesOn(3)]);
    expect(await rowOf("leased")).toMatchObject({ status: "done", leasedUntil: null });
  });

  it("does not let one mail that cannot be made hold up the others", async () => {
    await enqueue("broken");
    await database.db
      .update(outbox)
      .set({ payload: { template: "no-such-letter" } })
      .where(eq(outbox.idempotencyKey, "email:broken"));
    await enqueue("whole", minutesOn(1));
    const { post } = recordingEmailProvider();
    expect(await deliverEmails(database.db, { post, now: minutesOn(2) })).toEqual({
      sent: 1,
      failed: 1,
    });
  });

  it("forgets the link once the mail is out, except in the development post box", async () => {
    await enqueue("real");
    await deliverEmails(database.db, { post: recordingEmailProvider().post, now: START });
    expect(JSON.stringify((await rowOf("real")).payload)).not.toContain("token=");
    await enqueue("kept");
    const { post } = recordingEmailProvider({ keepsLinks: true });
    await deliverEmails(database.db, { post, now: START });
    expect(JSON.stringify((await rowOf("kept")).payload)).toContain("token=");
  });
});
