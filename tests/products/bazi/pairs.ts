import { BRANCHES, STEMS, type StemBranch } from "@/products/bazi/chart/stems-and-branches";

/** `jia zi` as a pair. */
export function pair(text: string): StemBranch {
  const [stemText, branchText] = text.split(" ");
  const stem = STEMS.find((each) => each === stemText);
  const branch = BRANCHES.find((each) => each === branchText);
  if (stem === undefined || branch === undefined) throw new Error(`${text} is no pair`);
  return { stem, branch };
}

/** Four pillars from `jia zi, bing yin, …`: year, month, day, hour; three where the time is unknown. */
export function pillarsFrom(text: string) {
  const [year, month, day, hour] = text.split(", ");
  return {
    year: pair(year ?? ""),
    month: pair(month ?? ""),
    day: pair(day ?? ""),
    hour: hour === undefined ? null : pair(hour),
  };
}
