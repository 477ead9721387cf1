import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { jobs } from "@/jobs/jobs";
import vercel from "../../vercel.json";

describe("jobs", () => {
  it("are called by vercel.json as the table says, and only those that every plan allows", () => {
    const promised = jobs.filter((job) => job.onEveryPlan);
    expect(vercel.crons).toEqual(promised.map(({ path, schedule }) => ({ path, schedule })));
  });

  it("each have their route", () => {
    for (const job of jobs) expect(existsSync(`src/app${job.path}/route.ts`), job.path).toBe(true);
  });
});
