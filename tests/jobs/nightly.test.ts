import { minutesInDay } from "date-fns/constants";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { nightly } from "@/jobs/nightly";
import { createTestDatabase, type TestDatabase } from "../support/database";

const NIGHT = new Date("2026-03-01T02:00:00Z");
const minutesAfter = (minutes: number) => new Date(NIGHT.getTime() + minutes * 60_000);
let test: TestDatabase;
let calls: string[];

beforeAll(async () => {
  test = await createTestDatabase();
});
beforeEach(async () => {
  calls = [];
  await test.ownerSql`truncate nightly_work`;
});
afterAll(() => test.close());

const runAt = (now: Date, name = "work", outcome: () => boolean | Promise<boolean> = () => true) =>
  nightly(test.db, { name, now }, async () => {
    calls.push(`${name} ${now.toISOString()}`);
    return outcome();
  });
const fail = () => Promise.reject(new Error("broken"));

describe("nightly", () => {
  it("runs the work twice in calls 23 hours and 59 minutes apart", async () => {
    await runAt(NIGHT);
    await runAt(minutesAfter(minutesInDay - 1));
    expect(calls).toHaveLength(2);
  });

  it("runs the work once during the ticks of a night", async () => {
    for (let minutes = 0; minutes < 20 * 60; minutes += 5) await runAt(minutesAfter(minutes));
    expect(calls).toHaveLength(1);
  });

  it("runs the work once for five concurrent callers", async () => {
    const slow = () => new Promise<boolean>((resolve) => setTimeout(resolve, 50, true));
    await Promise.all([1, 2, 3, 4, 5].map(() => runAt(NIGHT, "work", slow)));
    expect(calls).toHaveLength(1);
    await Promise.all([1, 2, 3, 4, 5].map(() => runAt(minutesAfter(minutesInDay), "work", slow)));
    expect(calls).toHaveLength(2);
  });

  it("retries failed work at the next call and leaves other work alone", async () => {
    await expect(runAt(NIGHT, "bad", fail)).rejects.toThrow("broken");
    await runAt(NIGHT, "good");
    await runAt(minutesAfter(5), "bad");
    await runAt(minutesAfter(5), "good");
    await runAt(minutesAfter(10), "bad");
    expect(calls.map((entry) => entry.split(" ")[0])).toEqual(["bad", "good", "bad"]);
  });

  it("resumes unfinished work at the next call", async () => {
    await runAt(NIGHT, "work", () => false);
    await runAt(minutesAfter(5), "work", () => false);
    await runAt(minutesAfter(10));
    await runAt(minutesAfter(15));
    expect(calls).toHaveLength(3);
  });

  it("runs the work of a killed worker once its claim has expired", async () => {
    await test.ownerSql`insert into nightly_work (name, claimed_until)
      values ('work', ${minutesAfter(6)})`;
    await runAt(minutesAfter(5.9));
    expect(calls).toHaveLength(0);
    await runAt(minutesAfter(6));
    expect(calls).toHaveLength(1);
  });
});
