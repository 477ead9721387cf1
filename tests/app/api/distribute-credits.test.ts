import { type Simulator, startSimulator } from "@qiflow/stripe-simulator/start-simulator";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { distributionRun } from "@/ledger/distribution/schema";
import { setClockOffsetMs } from "@/lib/clock";
import { simulatorPrices } from "../../../dev/laptop/simulator-prices";
import {
  creditsDue,
  expectBulkBooksBalanced,
  expectGrantedOnce,
  FIRST_DUE,
  seedDueUsers,
} from "../../ledger/distribution/due-users";
import { createTestDatabase, type TestDatabase } from "../../support/database";
import { stubEnvironment } from "../../support/stub-environment";

const SECRET = "a-secret-of-the-scheduler";
const NAME = "scheduler";
const PASSWORD = "a password";
const basic = (name: string, password: string) => `Basic ${btoa(`${name}:${password}`)}`;
const bearer = `Bearer ${SECRET}`;

let test: TestDatabase;
let simulator: Simulator;

beforeAll(async () => {
  test = await createTestDatabase();
  simulator = await startSimulator({
    secretKey: "sk_test_distribution",
    webhookSecret: "whsec_distribution",
    quiet: true,
    prices: simulatorPrices(),
    retryDelaysMs: [],
    onClockMoved: async () => {},
  });
});
beforeEach(() => {
  setClockOffsetMs(FIRST_DUE.getTime() - Date.now());
  configure({ CRON_SECRET: SECRET, CRON_JOBS_USERNAME: NAME, CRON_JOBS_PASSWORD: PASSWORD });
});
afterEach(() => vi.restoreAllMocks());
afterAll(async () => {
  setClockOffsetMs(0);
  const { db } = await import("@/db");
  await db.$client.end({ timeout: 5 });
  await simulator.close();
  await test.close();
});

/** Resets the modules, because the environment is read when the route is imported. */
function configure(secrets: Record<string, string>): void {
  vi.resetModules();
  stubEnvironment({
    DATABASE_URL: test.appUrl,
    STRIPE_API_BASE: simulator.apiBase,
    CRON_SECRET: "",
    CRON_JOBS_USERNAME: "",
    CRON_JOBS_PASSWORD: "",
    ...secrets,
  });
}

async function get(authorization: string | null, query = ""): Promise<Response> {
  const { GET } = await import("@/app/api/distribute-credits/route");
  const headers = authorization === null ? undefined : { authorization };
  const url = `http://localhost:3000/api/distribute-credits${query}`;
  return GET(new Request(url, headers === undefined ? {} : { headers }));
}

const runsCount = () => test.db.$count(distributionRun);

describe("GET /api/distribute-credits authentication", () => {
  it.each([
    ["no credentials", null],
    ["another bearer secret", "Bearer another-secret"],
    ["the beginning of the secret", bearer.slice(0, -1)],
    ["the secret without its scheme", SECRET],
    ["an empty bearer secret", "Bearer "],
    ["another password", basic(NAME, "another")],
    ["another name", basic("somebody", PASSWORD)],
    ["empty credentials", basic("", "")],
  ])("returns 401 for %s and writes nothing", async (_what, authorization) => {
    const before = await runsCount();
    const response = await get(authorization);
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: { code: "not_the_scheduler" } });
    expect(await runsCount()).toBe(before);
  });

  it.each([
    ["no secret", {}, [bearer, "Bearer ", "Bearer undefined", basic("", ""), null]],
    ["a name without a password", { CRON_JOBS_USERNAME: NAME }, [basic(NAME, ""), bearer]],
    [
      "only Basic credentials",
      { CRON_JOBS_USERNAME: NAME, CRON_JOBS_PASSWORD: PASSWORD },
      [bearer],
    ],
    ["only a bearer secret", { CRON_SECRET: SECRET }, [basic(NAME, PASSWORD)]],
  ])(
    "returns 401 for other credentials when %s is configured",
    async (_what, secrets, attempts) => {
      configure(secrets);
      for (const authorization of attempts) {
        expect((await get(authorization, "?dryRun=1")).status, `${authorization}`).toBe(401);
      }
    },
  );

  it.each([
    ["the bearer secret", bearer],
    ["the Basic credentials", basic(NAME, PASSWORD)],
    ["a lower-case bearer scheme", bearer.replace("Bearer", "bearer")],
    ["a lower-case Basic scheme", basic(NAME, PASSWORD).replace("Basic", "basic")],
  ])("accepts %s", async (_what, authorization) => {
    expect((await get(authorization, "?dryRun=1")).status).toBe(200);
  });
});

describe("GET /api/distribute-credits", () => {
  it("previews the run in a dry run, without writing", async () => {
    await seedDueUsers(test, { count: 30 });
    const before = await fingerprints();
    const dry = await get(bearer, "?dryRun=1");
    expect(await dry.json()).toEqual({
      message: "Dry run: nothing was written.",
      dryRun: true,
      usersCount: 30,
      grantedUsersCount: 30,
      allotmentCount: 30,
      creditsToGrant: creditsDue(30),
      expiringUsersCount: 0,
      expiringLotCount: 0,
      creditsToExpire: 0,
    });
    expect(await fingerprints()).toEqual(before);

    const body = await (await get(bearer)).json();
    expect(body).toEqual({
      message: "Everything due was distributed.",
      runId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      usersCount: 30,
      processedCount: 30,
      errorCount: 0,
      expiredCount: 0,
      done: true,
    });
    await expectGrantedOnce(test.sql, { count: 30, periods: 1 });
  });

  it("counts expired lots", async () => {
    // The first allotment has expired and the next one is due.
    setClockOffsetMs(new Date("2026-03-18T12:00:00Z").getTime() - Date.now());
    const dry = await (await get(bearer, "?dryRun=1")).json();
    expect(dry).toMatchObject({ usersCount: 30, expiringUsersCount: 30, expiringLotCount: 30 });
    expect(dry).toMatchObject({ creditsToExpire: creditsDue(30) });
    expect(await (await get(bearer)).json()).toMatchObject({ usersCount: 30, expiredCount: 30 });
  });

  it("stops before its time limit, and the next call joins the run", async () => {
    setClockOffsetMs(new Date("2026-04-15T12:00:00Z").getTime() - Date.now());
    let reads = 0;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => 300_000 * reads++);
    const stopped = await (await get(bearer)).json();
    clock.mockRestore();
    expect(stopped).toMatchObject({ done: false, usersCount: 0 });
    expect(stopped.message).toBe("Time ran out. The next call resumes this run.");
    const finished = await (await get(bearer)).json();
    expect(finished).toMatchObject({ runId: stopped.runId, done: true, processedCount: 30 });
    await expectBulkBooksBalanced(test.sql);
  });
});

/** Returns a hash of every table. */
async function fingerprints(): Promise<unknown> {
  const tables = await test.ownerSql<{ name: string }[]>`
    select tablename as name from pg_tables where schemaname = 'public' order by 1`;
  const prints = tables.map(async ({ name }) => {
    const [print] = await test.ownerSql`
      select md5(string_agg(t::text, ',' order by t::text)) as md5 from ${test.ownerSql(name)} t`;
    return [name, print?.md5];
  });
  return Object.fromEntries(await Promise.all(prints));
}
