import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { text } from "node:stream/consumers";
import { asc } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { distributeCredits } from "@/credits/distribute";
import { distributionRun, outbox } from "@/db/schema";
import { FIRST_DUE, seedDueUsers } from "../distribution/due-users";
import { stubEnvironment } from "../distribution/stub-environment";
import { createTestDatabase, type TestDatabase } from "../support/database";

/** Stands for Sentry and for a chat service; both are spoken to over HTTP as they are in earnest. */
let services: Server;
let status: number;
const heard: { readonly path: string; readonly body: string }[] = [];
let test: TestDatabase;
let job: typeof import("@/jobs/run-distribution");

beforeAll(async () => {
  services = createServer(async (request, response) => {
    heard.push({ path: request.url ?? "", body: await text(request) });
    response.writeHead(status).end("{}");
  });
  services.listen(0, "127.0.0.1");
  await once(services, "listening");
  const address = services.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  stubEnvironment({
    DATABASE_URL: "postgres://nobody@127.0.0.1:1/none",
    ADMIN_EMAILS: "ada@qiflow.example,bo@qiflow.example",
    ALERT_WEBHOOK_URL: `http://127.0.0.1:${address.port}/chat`,
    SENTRY_DSN: `http://key@127.0.0.1:${address.port}/7`,
  });
  job = await import("@/jobs/run-distribution");
});
beforeEach(async () => {
  heard.length = 0;
  status = 200;
  test = await createTestDatabase();
});
afterEach(() => test.close());
afterAll(() => {
  services.closeAllConnections();
  services.close();
});

/** 100 users to whom a month is due, of whom the grants of `failing` fail. */
async function seed(failing: number): Promise<void> {
  await seedDueUsers(test, { count: 100 - failing });
  await seedDueUsers(test, { count: failing, prefix: "poison" });
  await test.ownerSql`alter table credit_lot
    add constraint poisoned check (user_id not like 'poison-%') not valid`;
}

const run = () =>
  job.runDistribution(test.db, { now: FIRST_DUE, deadlineMs: performance.now() + 60_000 });
const heardAt = (path: string) => heard.filter((call) => call.path.startsWith(path));
const lettersTo = async () => {
  const rows = await test.db.select().from(outbox).orderBy(asc(outbox.idempotencyKey));
  return rows.map((row) => row.idempotencyKey);
};

describe("a run of which more than 5% fails", () => {
  it("alerts every channel", async () => {
    await seed(6);
    const done = await run();
    expect(done).toMatchObject({ status: "done", processedCount: 94, errorCount: 6 });
    const subject = "Distribution failed for 6 of 100 users";
    expect(JSON.parse(heardAt("/chat")[0]?.body ?? "")).toMatchObject({
      text: subject,
      facts: { runId: done.id, users: 100, errors: 6 },
    });
    await expect.poll(() => heardAt("/api/7/envelope").length, { timeout: 10_000 }).toBe(1);
    expect(heardAt("/api/7/envelope")[0]?.body).toContain(subject);
    expect(await lettersTo()).toEqual([
      `email:alert:distribution:${done.id}:ada@qiflow.example`,
      `email:alert:distribution:${done.id}:bo@qiflow.example`,
    ]);
  });

  it("alerts once, however many calls worked on it", async () => {
    await seed(6);
    const { id } = await distributeCredits(test.db, { now: FIRST_DUE, deadlineMs: 0 });
    const answers = await Promise.all([run(), run(), run()]);
    expect(answers.map((answer) => answer.id)).toContain(id);
    const runs = await test.db.select().from(distributionRun);
    expect(heardAt("/chat")).toHaveLength(runs.filter(({ errorCount }) => errorCount > 0).length);
    expect(heardAt("/chat").filter(({ body }) => body.includes(id))).toHaveLength(1);
  });

  it("is done all the same when every service refuses the alert", async () => {
    status = 500;
    await seed(6);
    expect(await run()).toMatchObject({ status: "done", errorCount: 6 });
    expect(heardAt("/chat")).toHaveLength(1);
    expect(await lettersTo()).toHaveLength(2);
  });

  it("is done all the same when no letter can be written, and the others are told", async () => {
    await seed(6);
    await test.ownerSql`alter table outbox rename to outbox_elsewhere`;
    expect(await run()).toMatchObject({ status: "done", errorCount: 6 });
    expect(heardAt("/chat")).toHaveLength(1);
  });
});

describe("a run of which 5% or less fails", () => {
  it.each([0, 1, 5])("alerts nobody about %i of 100", async (failing) => {
    await seed(failing);
    expect(await run()).toMatchObject({ status: "done", errorCount: failing, alertedAt: null });
    expect(heardAt("/chat")).toEqual([]);
    expect(await lettersTo()).toEqual([]);
  });
});
