import { BRANCHES, STEMS, type StemBranch } from "@/products/bazi/chart/stems-and-branches";

/** Parses a pair such as `jia zi`. */
export function pair(text: string): StemBranch {
  const [stemText, branchText] = text.split(" ");
  const stem = STEMS.find((each) => each === stemText);
  const branch = BRANCHES.find((each) => each === branchText);
  if (stem === undefined || branch === undefined) throw new Error(`Not a pair: ${text}`);
  return { stem, branch };
}

/** Parses pillars such as `jia zi, bing yin, …`: year, month, day and, if known, hour. */
export function pillarsFrom(text: string) {
  const [year, month, day, hour] = text.split(", ");
  return {
    year: pair(year ?? ""),
    month: pair(month ?? ""),
    day: pair(day ?? ""),
    hour: hour === undefined ? null : pair(hour),
  };
}
