import { describe, expect, it } from "vitest";
import { branchMeetings, interactionsOf } from "@/products/bazi/chart/interactions";
import { BRANCHES } from "@/products/bazi/chart/stems-and-branches";
import { pair, pillarsFrom } from "../pairs";

describe("branchMeetings", () => {
  it("returns the pairs listed by the classics", () => {
    const found = new Map<string, string[]>();
    BRANCHES.forEach((one, index) => {
      for (const other of BRANCHES.slice(index)) {
        for (const kind of branchMeetings(one, other)) {
          found.set(kind, [...(found.get(kind) ?? []), `${one}-${other}`]);
        }
      }
    });
    expect(found.get("six-combination")).toEqual([
      "zi-chou",
      "yin-hai",
      "mao-xu",
      "chen-you",
      "si-shen",
      "wu-wei",
    ]);
    expect(found.get("clash")).toEqual([
      "zi-wu",
      "chou-wei",
      "yin-shen",
      "mao-you",
      "chen-xu",
      "si-hai",
    ]);
    expect(found.get("harm")).toEqual([
      "zi-wei",
      "chou-wu",
      "yin-si",
      "mao-chen",
      "shen-hai",
      "you-xu",
    ]);
    expect(found.get("punishment")).toEqual([
      "zi-mao",
      "chou-wei",
      "chou-xu",
      "yin-si",
      "yin-shen",
      "chen-chen",
      "si-shen",
      "wu-wu",
      "wei-xu",
      "you-you",
      "hai-hai",
    ]);
  });
});

describe("interactionsOf", () => {
  it("returns pairs, trios and stem combinations with their positions", () => {
    const interactions = interactionsOf({
      year: pair("jia shen"),
      month: pair("bing zi"),
      day: pair("ji wei"),
      hour: pair("wu chen"),
    });
    expect(interactions).toContainEqual({
      kind: "stem-combination",
      positions: ["year", "day"],
      element: "earth",
    });
    expect(interactions).toContainEqual({
      kind: "harm",
      positions: ["month", "day"],
      element: null,
    });
    expect(interactions).toContainEqual({
      kind: "three-harmony",
      positions: ["year", "month", "hour"],
      element: "water",
    });
    expect(interactions).toHaveLength(3);
  });

  it("returns a half harmony unless the chart contains the whole", () => {
    const kinds = (text: string) => interactionsOf(pillarsFrom(text)).map(({ kind }) => kind);
    expect(kinds("jia shen, jia zi, jia xu")).toEqual(["half-harmony"]);
    expect(kinds("jia shen, jia zi, jia chen")).toEqual(["three-harmony"]);
    expect(kinds("jia yin, jia xu, jia chen")).toEqual(["clash"]);
  });
});
