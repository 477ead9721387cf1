import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { outbox } from "@/db/schema";
import { setClockOffsetMs } from "@/lib/clock";
import { makeUser } from "../../admin/factories";
import { type AlertServices, startAlertServices } from "../../alerts/alert-services";
import { makeHealthy } from "../../jobs/healthy-site";
import { createTestDatabase, type TestDatabase } from "../../support/database";
import { stubEnvironment } from "../../support/stub-environment";

// A request's scope exists inside Next only: what is left for after the answer is done by `get` here.
const scope = vi.hoisted(() => ({ afterwards: [] as (() => Promise<void>)[] }));
vi.mock("next/server", () => ({
  after: (work: () => Promise<void>) => {
    scope.afterwards.push(work);
  },
}));

const NOW = new Date("2026-05-10T12:00:00Z");
const hoursOn = (hours: number) => new Date(NOW.getTime() + hours * 3_600_000);
const goTo = (at: Date) => setClockOffsetMs(at.getTime() - Date.now());
let test: TestDatabase;
let services: AlertServices;

beforeAll(async () => {
  services = await startAlertServices();
  test = await createTestDatabase();
  await makeUser(test.db, { id: "first", createdAt: hoursOn(-100) });
});
beforeEach(async () => {
  services.clear();
  scope.afterwards.length = 0;
  await makeHealthy(test, NOW);
  goTo(NOW);
  configure(test.appUrl);
});
afterAll(async () => {
  setClockOffsetMs(0);
  services.close();
  await closePool();
  await test.close();
});

async function closePool(): Promise<void> {
  const { db } = await import("@/db");
  await db.$client.end({ timeout: 5 });
  Reflect.deleteProperty(globalThis, "qiflowDatabase");
}

/** The environment is read when the route is imported: each configuration imports it anew. */
function configure(databaseUrl: string): void {
  vi.resetModules();
  stubEnvironment({ DATABASE_URL: databaseUrl, ...services.environment });
}

async function get(query = "") {
  const { GET } = await import("@/app/api/health/route");
  const response = await GET(new Request(`http://localhost:3000/api/health${query}`));
  const afterwards = scope.afterwards.splice(0);
  for (const work of afterwards) await work();
  const cached = response.headers.get("cache-control");
  return { status: response.status, body: await response.json(), cached };
}
const mailDueSince = (at: Date) =>
  test.db.insert(outbox).values({
    ...{ kind: "email", idempotencyKey: "due", payload: {}, createdAt: at, nextAttemptAt: at },
  });
const told = () => services.chat().map(({ body }) => JSON.parse(body).text);

describe("GET /api/health", () => {
  it("answers 200 and every figure when all is well, strict or not", async () => {
    for (const query of ["", "?strict=1"]) {
      const { status, body, cached } = await get(query);
      expect([status, cached]).toEqual([200, "no-store"]);
      expect(body).toMatchObject({
        ...{ status: "ok", database: "ok", problems: [], pendingMigrations: 0 },
        ...{ inboxLagSeconds: 0, outboxAgeSeconds: 0, failedInLastRun: 0, frozenAccounts: 0 },
        ...{ failingUsers: 0, driftedUsers: 0 },
      });
    }
    expect(told()).toEqual([]);
  });

  it("answers 200 and what is wrong, and 503 to a monitor that sees only the status", async () => {
    await mailDueSince(hoursOn(-2));
    const degraded = await get();
    expect(degraded.status).toBe(200);
    expect(degraded.body).toMatchObject({ status: "degraded", problems: ["outbox_stuck"] });
    expect(degraded.body.outboxAgeSeconds).toBeGreaterThanOrEqual(7200);
    expect(await get("?strict=1")).toMatchObject({ status: 503, body: { status: "degraded" } });
  });

  it("raises after the answer what is due, once a day: also when no cron runs any more", async () => {
    const noRun = "No distribution has finished in the last 26 hours";
    goTo(hoursOn(24));
    await Promise.all([get(), get("?strict=1"), get()]);
    expect(told()).toEqual([noRun]);
    goTo(hoursOn(35));
    await get();
    expect(told()).toEqual([noRun]);
    goTo(hoursOn(37));
    await get();
    expect(told().filter((text) => text === noRun)).toHaveLength(2);
  });

  it("answers 503 when the tables are older than the build", async () => {
    await test.ownerSql`create table drizzle.kept as table drizzle.__drizzle_migrations`;
    await test.ownerSql`delete from drizzle.__drizzle_migrations
      where created_at = (select max(created_at) from drizzle.kept)`;
    const { status, body } = await get();
    await test.ownerSql`truncate drizzle.__drizzle_migrations`;
    await test.ownerSql`insert into drizzle.__drizzle_migrations table drizzle.kept`;
    await test.ownerSql`drop table drizzle.kept`;
    expect([status, body.status, body.pendingMigrations]).toEqual([503, "down", 1]);
  });

  it("answers 503 and that the database cannot be reached", async () => {
    await closePool();
    configure("postgres://nobody@127.0.0.1:9/none");
    const answers = [await get(), await get("?strict=1")];
    await closePool();
    for (const answer of answers) {
      expect(answer).toEqual({
        ...{ status: 503, body: { status: "down", database: "unreachable" }, cached: "no-store" },
      });
    }
  });
});
