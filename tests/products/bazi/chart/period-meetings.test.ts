import { describe, expect, it } from "vitest";
import { periodMeetings } from "@/products/bazi/chart/period-meetings";
import { pair, pillarsFrom } from "../pairs";

const meetings = (pillars: string, period: string, decade?: string) =>
  periodMeetings(pillarsFrom(pillars), {
    period: pair(period),
    decade: decade === undefined ? null : pair(decade),
  });

describe("periodMeetings", () => {
  it("returns a harmony that the period completes: 子 with 申 and 辰 is water", () => {
    expect(meetings("jia shen, wu chen, jia xu", "wu zi")).toEqual([
      {
        kind: "three-harmony",
        branches: ["shen", "zi", "chen"],
        positions: ["year", "month"],
        withDecade: false,
        element: "water",
      },
    ]);
  });

  it("returns a season that the period completes: 亥 with 子 and 丑 is water", () => {
    expect(meetings("jia zi, yi chou, jia xu", "yi hai")).toContainEqual({
      kind: "three-meeting",
      branches: ["hai", "zi", "chou"],
      positions: ["year", "month"],
      withDecade: false,
      element: "water",
    });
  });

  it("returns a harmony that a year completes with its decade, and marks it", () => {
    expect(meetings("jia shen, jia xu, jia xu", "wu zi", "wu chen")).toContainEqual({
      kind: "three-harmony",
      branches: ["shen", "zi", "chen"],
      positions: ["year"],
      withDecade: true,
      element: "water",
    });
  });

  it("returns no harmony of a year and its decade alone", () => {
    const found = meetings("jia xu, jia xu, jia xu", "wu zi", "wu chen");
    expect(found.map(({ kind }) => kind)).not.toContain("three-harmony");
  });

  it("returns a half harmony only with the peak branch", () => {
    expect(meetings("jia shen, jia xu, jia xu", "wu zi")).toEqual([
      { kind: "half-harmony", positions: ["year"], element: "water" },
    ]);
    expect(meetings("jia shen, jia shen, jia shen", "wu chen")).toEqual([]);
  });

  it("leaves out the half of a complete harmony", () => {
    const found = meetings("jia shen, wu chen, jia xu", "wu zi");
    expect(found.map(({ kind }) => kind)).not.toContain("half-harmony");
  });

  it("returns stem combinations with any pillar", () => {
    expect(meetings("jia zi, jia zi, bing zi", "ji si")).toContainEqual({
      kind: "stem-combination",
      positions: ["year", "month"],
      element: "earth",
    });
  });

  it("returns only the gravest pair for a pillar: 寅 punishes and harms 巳", () => {
    const found = meetings("yi si, yi mao, yi mao", "bing yin");
    expect(found).toContainEqual({ kind: "punishment", positions: ["year"] });
    expect(found.map(({ kind }) => kind)).not.toContain("harm");
  });

  it("returns a repeated branch, or a punishment for 辰 午 酉 亥", () => {
    expect(meetings("jia zi, jia zi, jia xu", "bing zi")).toEqual([
      { kind: "repeat", positions: ["year", "month"] },
    ]);
    expect(meetings("jia wu, jia wu, jia xu", "bing wu")).toEqual([
      { kind: "punishment", positions: ["year", "month"] },
      { kind: "half-harmony", positions: ["day"], element: "fire" },
    ]);
  });
});
