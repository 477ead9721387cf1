import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { jobs } from "@/jobs/schedule";
import vercel from "../../vercel.json";

describe("jobs", () => {
  it("match vercel.json, which lists only those that every plan allows", () => {
    const everywhere = jobs.filter((job) => job.onEveryPlan);
    expect(vercel.crons).toEqual(everywhere.map(({ path, schedule }) => ({ path, schedule })));
  });

  it("each have a route", () => {
    for (const job of jobs) expect(existsSync(`src/app${job.path}/route.ts`), job.path).toBe(true);
  });
});
