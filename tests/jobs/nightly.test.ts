import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { nightly } from "@/jobs/nightly";
import { createTestDatabase, type TestDatabase } from "../support/database";

const NIGHT = new Date("2026-03-01T02:00:00Z");
const minutesOn = (minutes: number) => new Date(NIGHT.getTime() + minutes * 60_000);
let test: TestDatabase;
let done: string[];

beforeAll(async () => {
  test = await createTestDatabase();
});
beforeEach(async () => {
  done = [];
  await test.ownerSql`truncate nightly_work`;
});
afterAll(() => test.close());

const at = (now: Date, name = "piece", outcome: () => boolean | Promise<boolean> = () => true) =>
  nightly(test.db, { name, now }, async () => {
    done.push(`${name} ${now.toISOString()}`);
    return outcome();
  });
const broken = () => Promise.reject(new Error("broken"));

describe("work of the night", () => {
  it("is done by two runs 23 hours and 59 minutes apart", async () => {
    await at(NIGHT);
    await at(minutesOn(24 * 60 - 1));
    expect(done).toHaveLength(2);
  });

  it("is done once by the ticks of a night", async () => {
    for (let minutes = 0; minutes < 20 * 60; minutes += 5) await at(minutesOn(minutes));
    expect(done).toHaveLength(1);
  });

  it("is done once by five callers at once", async () => {
    const slow = () => new Promise<boolean>((resolve) => setTimeout(resolve, 50, true));
    await Promise.all([1, 2, 3, 4, 5].map(() => at(NIGHT, "piece", slow)));
    expect(done).toHaveLength(1);
    await Promise.all([1, 2, 3, 4, 5].map(() => at(minutesOn(24 * 60), "piece", slow)));
    expect(done).toHaveLength(2);
  });

  it("that fails is tried at the next call, and lets the other pieces be", async () => {
    await expect(at(NIGHT, "bad", broken)).rejects.toThrow("broken");
    await at(NIGHT, "good");
    await at(minutesOn(5), "bad");
    await at(minutesOn(5), "good");
    await at(minutesOn(10), "bad");
    expect(done.map((entry) => entry.split(" ")[0])).toEqual(["bad", "good", "bad"]);
  });

  it("that did not come to its end is gone on with at the next call", async () => {
    await at(NIGHT, "piece", () => false);
    await at(minutesOn(5), "piece", () => false);
    await at(minutesOn(10));
    await at(minutesOn(15));
    expect(done).toHaveLength(3);
  });

  it("whose worker was killed is done by another, once a call cannot live any more", async () => {
    await test.ownerSql`insert into nightly_work (name, claimed_until)
      values ('piece', ${minutesOn(6)})`;
    await at(minutesOn(5.9));
    expect(done).toHaveLength(0);
    await at(minutesOn(6));
    expect(done).toHaveLength(1);
  });
});
