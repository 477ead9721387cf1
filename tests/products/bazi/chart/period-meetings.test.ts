import { describe, expect, test } from "vitest";
import { interactionsOf } from "@/products/bazi/chart/interactions";
import { periodMeetings } from "@/products/bazi/chart/period-meetings";
import { pair, pillarsFrom } from "../pairs";

const meets = (pillars: string, period: string, decade?: string) =>
  periodMeetings(pillarsFrom(pillars), {
    period: pair(period),
    decade: decade === undefined ? null : pair(decade),
  });

describe("a decade or year meets a chart", () => {
  test("by completing the trio of two of its branches: 子 on 申 and 辰 is water", () => {
    expect(meets("jia shen, wu chen, jia xu", "wu zi")).toEqual([
      {
        kind: "three-harmony",
        branches: ["shen", "zi", "chen"],
        positions: ["year", "month"],
        withDecade: false,
        element: "water",
      },
    ]);
  });

  test("by completing a season: 亥 on 子 and 丑 is water", () => {
    expect(meets("jia zi, yi chou, jia xu", "yi hai")).toContainEqual({
      kind: "three-meeting",
      branches: ["hai", "zi", "chou"],
      positions: ["year", "month"],
      withDecade: false,
      element: "water",
    });
  });

  test("a year also with the decade it falls in, and then says so", () => {
    expect(meets("jia shen, jia xu, jia xu", "wu zi", "wu chen")).toContainEqual({
      kind: "three-harmony",
      branches: ["shen", "zi", "chen"],
      positions: ["year"],
      withDecade: true,
      element: "water",
    });
  });

  test("but never with the decade alone: two branches must not make a trio", () => {
    const met = meets("jia xu, jia xu, jia xu", "wu zi", "wu chen");
    expect(met.map(({ kind }) => kind)).not.toContain("three-harmony");
  });

  test("by half a harmony when its peak takes part, and not without it (拱合)", () => {
    expect(meets("jia shen, jia xu, jia xu", "wu zi")).toEqual([
      { kind: "half-harmony", positions: ["year"], element: "water" },
    ]);
    expect(meets("jia shen, jia shen, jia shen", "wu chen")).toEqual([]);
  });

  test("a half is not told beside the whole", () => {
    const met = meets("jia shen, wu chen, jia xu", "wu zi");
    expect(met.map(({ kind }) => kind)).not.toContain("half-harmony");
  });

  test("by stems that combine, wherever they stand", () => {
    expect(meets("jia zi, jia zi, bing zi", "ji si")).toContainEqual({
      kind: "stem-combination",
      positions: ["year", "month"],
      element: "earth",
    });
  });

  test("by the gravest of two ways, once a pillar: 寅 punishes and harms 巳", () => {
    const met = meets("yi si, yi mao, yi mao", "bing yin");
    expect(met).toContainEqual({ kind: "punishment", positions: ["year"] });
    expect(met.map(({ kind }) => kind)).not.toContain("harm");
  });

  test("by coming again; 辰 午 酉 亥 punish themselves instead", () => {
    expect(meets("jia zi, jia zi, jia xu", "bing zi")).toEqual([
      { kind: "repeat", positions: ["year", "month"] },
    ]);
    expect(meets("jia wu, jia wu, jia xu", "bing wu")).toEqual([
      { kind: "punishment", positions: ["year", "month"] },
      { kind: "half-harmony", positions: ["day"], element: "fire" },
    ]);
  });
});

describe("pillars of a chart meet", () => {
  test("in half a harmony, unless the whole is there", () => {
    const kinds = (text: string) => interactionsOf(pillarsFrom(text)).map(({ kind }) => kind);
    expect(kinds("jia shen, jia zi, jia xu")).toEqual(["half-harmony"]);
    expect(kinds("jia shen, jia zi, jia chen")).toEqual(["three-harmony"]);
    expect(kinds("jia yin, jia xu, jia chen")).toEqual(["clash"]);
  });
});
