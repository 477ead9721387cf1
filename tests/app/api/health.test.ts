import { addHours } from "date-fns";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { outbox } from "@/db/schema";
import { setClockOffsetMs } from "@/lib/clock";
import { makeUser } from "../../admin/factories";
import { type AlertServices, startAlertServices } from "../../alerts/alert-services";
import { makeHealthy } from "../../jobs/healthy-site";
import { createTestDatabase, type TestDatabase } from "../../support/database";
import { stubEnvironment } from "../../support/stub-environment";

// Outside Next there is no request scope. `get` runs the work that is scheduled after the response.
const requestScope = vi.hoisted(() => ({ scheduled: [] as (() => Promise<void>)[] }));
vi.mock("next/server", () => ({
  after: (work: () => Promise<void>) => {
    requestScope.scheduled.push(work);
  },
}));

const NOW = new Date("2026-05-10T12:00:00Z");
const setClock = (at: Date) => setClockOffsetMs(at.getTime() - Date.now());
let database: TestDatabase;
let services: AlertServices;

beforeAll(async () => {
  services = await startAlertServices();
  database = await createTestDatabase();
  await makeUser(database.db, { id: "first", createdAt: addHours(NOW, -100) });
});
beforeEach(async () => {
  services.clear();
  requestScope.scheduled.length = 0;
  await makeHealthy(database, NOW);
  setClock(NOW);
  configure(database.appUrl);
});
afterAll(async () => {
  setClockOffsetMs(0);
  services.close();
  await closePool();
  await database.close();
});

async function closePool(): Promise<void> {
  const { db } = await import("@/db");
  await db.$client.end({ timeout: 5 });
  Reflect.deleteProperty(globalThis, "qiflowDatabase");
}

/** Resets the modules, because the environment is read when the route is imported. */
function configure(databaseUrl: string): void {
  vi.resetModules();
  stubEnvironment({ DATABASE_URL: databaseUrl, ...services.environment });
}

async function get(query = "") {
  const { GET } = await import("@/app/api/health/route");
  const response = await GET(new Request(`http://localhost:3000/api/health${query}`));
  for (const work of requestScope.scheduled.splice(0)) await work();
  const cacheControl = response.headers.get("cache-control");
  return { status: response.status, body: await response.json(), cacheControl };
}
const insertDueEmail = (at: Date) =>
  database.db.insert(outbox).values({
    kind: "email",
    idempotencyKey: "due",
    payload: {},
    createdAt: at,
    nextAttemptAt: at,
  });
const alertTexts = () => services.chat().map(({ body }) => JSON.parse(body).text);

describe("GET /api/health", () => {
  it("returns 200 and every count for a healthy site, strict or not", async () => {
    for (const query of ["", "?strict=1"]) {
      const { status, body, cacheControl } = await get(query);
      expect([status, cacheControl]).toEqual([200, "no-store"]);
      expect(body).toMatchObject({
        status: "ok",
        database: "ok",
        problems: [],
        pendingMigrations: 0,
        inboxLagSeconds: 0,
        outboxAgeSeconds: 0,
        failedInLastRun: 0,
        frozenAccounts: 0,
        failingUsers: 0,
        driftedUsers: 0,
      });
    }
    expect(alertTexts()).toEqual([]);
  });

  it("returns 200 with the problems of a degraded site, and 503 if strict", async () => {
    await insertDueEmail(addHours(NOW, -2));
    const degraded = await get();
    expect(degraded.status).toBe(200);
    expect(degraded.body).toMatchObject({ status: "degraded", problems: ["outbox_stuck"] });
    expect(degraded.body.outboxAgeSeconds).toBeGreaterThanOrEqual(7200);
    expect(await get("?strict=1")).toMatchObject({ status: 503, body: { status: "degraded" } });
  });

  it("raises each due alert once a day, even if no cron runs", async () => {
    const noRun = "No distribution has finished in the last 26 hours";
    setClock(addHours(NOW, 24));
    await Promise.all([get(), get("?strict=1"), get()]);
    expect(alertTexts()).toEqual([noRun]);
    setClock(addHours(NOW, 35));
    await get();
    expect(alertTexts()).toEqual([noRun]);
    setClock(addHours(NOW, 37));
    await get();
    expect(alertTexts().filter((text) => text === noRun)).toHaveLength(2);
  });

  it("returns 503 if the database lacks migrations of the build", async () => {
    await database.ownerSql`create table drizzle.kept as table drizzle.__drizzle_migrations`;
    await database.ownerSql`delete from drizzle.__drizzle_migrations
      where created_at = (select max(created_at) from drizzle.kept)`;
    const { status, body } = await get();
    await database.ownerSql`truncate drizzle.__drizzle_migrations`;
    await database.ownerSql`insert into drizzle.__drizzle_migrations table drizzle.kept`;
    await database.ownerSql`drop table drizzle.kept`;
    expect([status, body.status, body.pendingMigrations]).toEqual([503, "down", 1]);
  });

  it("returns 503 if the database is unreachable", async () => {
    await closePool();
    configure("postgres://nobody@127.0.0.1:9/none");
    const responses = [await get(), await get("?strict=1")];
    await closePool();
    for (const response of responses) {
      expect(response).toEqual({
        status: 503,
        body: { status: "down", database: "unreachable" },
        cacheControl: "no-store",
      });
    }
  });
});
