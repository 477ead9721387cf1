import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { tickCalls } from "@/db/schema/jobs";
import { recordTickCall } from "@/jobs/tick-calls";
import { createTestDatabase, type TestDatabase } from "../support/database";

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.close());
beforeEach(() => test.ownerSql`truncate tick_calls`);

/** Makes every recorded time older, as if the minutes had passed. */
const pass = (minutes: number) => test.ownerSql`update tick_calls set
  last_at = last_at - ${minutes}::int * interval '1 minute',
  series_started_at = series_started_at - ${minutes}::int * interval '1 minute',
  regular_at = regular_at - ${minutes}::int * interval '1 minute'`;
const callEvery = async (minutes: number, times: number) => {
  for (let call = 0; call < times; call += 1) {
    await pass(minutes);
    await recordTickCall(test.db);
  }
};
const isRegular = async () => {
  const [row] = await test.db.select().from(tickCalls);
  return row?.regularAt?.getTime() === row?.lastAt.getTime();
};

describe("recordTickCall", () => {
  it("takes calls every five minutes for a scheduler after an hour", async () => {
    await recordTickCall(test.db);
    await callEvery(5, 11);
    expect(await isRegular()).toBe(false);
    await callEvery(5, 1);
    expect(await isRegular()).toBe(true);
  });

  it("takes neither daily calls nor a burst by hand for a scheduler", async () => {
    await callEvery(1440, 5);
    await callEvery(1, 20);
    expect(await isRegular()).toBe(false);
  });

  it("keeps one row when calls are concurrent", async () => {
    await Promise.all(Array.from({ length: 8 }, () => recordTickCall(test.db)));
    expect(await test.db.$count(tickCalls)).toBe(1);
  });
});
