import type { Locale } from "@/lib/locales";
import { type City, loadCities, type Region, readTraditional } from "./cities";
import { fold } from "./fold";

/** Longer than any name of a city with its region and country. */
export const QUERY_MAX_LENGTH = 80;
const MAX_RESULTS = 12;

/** Added to the decimal logarithm of the population: an exact name outranks a prefix of a larger city. */
const WEIGHTS = {
  name: 2,
  otherName: 1.2,
  beginning: 0.6,
  word: 0.2,
  otherBeginning: -1.5,
} as const;

/** What people call countries besides the code and the name. */
const SHORT_NAMES: Readonly<Record<string, readonly string[]>> = { GB: ["UK"], US: ["USA"] };

interface Entry {
  readonly city: City;
  /** The name in English and Chinese. */
  readonly names: readonly string[];
  readonly others: readonly string[];
  /** All names, to rule out most cities with one comparison. */
  readonly text: string;
  /** The region and the country in both languages, and their codes. */
  readonly around: readonly string[];
  readonly size: number;
}

/**
 * Finds cities by the beginning of a name or of a word in it, in English, other Latin spellings and
 * Chinese, simplified or traditional; diacritics don't matter. The region or the country may follow
 * (`london ontario`), and in Chinese also precede (`浙江杭州`). Returns at most 12, the best match first.
 */
export function searchCities(query: string): City[] {
  const typed = normalize(query.slice(0, QUERY_MAX_LENGTH));
  if (typed === "") return [];
  const isChinese = /\p{Script=Han}/u.test(typed);
  const weigh = isChinese ? weighChinese : weighQualified;
  // What every match has in one of its names.
  const [firstWord = ""] = typed.split(" ");
  const part = isChinese ? (withoutSuffix(typed).at(-1) ?? "") : firstWord;
  return index()
    .entries.filter(({ text }) => text.includes(part))
    .flatMap((entry) => {
      const weight = weighName(entry, typed) ?? weigh(entry, typed);
      return weight === null ? [] : [{ city: entry.city, rank: entry.size + weight }];
    })
    .toSorted((a, b) => b.rank - a.rank)
    .slice(0, MAX_RESULTS)
    .map(({ city }) => city);
}

/** The name of a country in the reader's language. */
export function countryName(code: string, locale: Locale): string {
  return countryNames[locale].of(code) ?? code;
}

const countryNames = {
  en: new Intl.DisplayNames("en", { type: "region" }),
  "zh-CN": new Intl.DisplayNames("zh-CN", { type: "region" }),
} satisfies Record<Locale, Intl.DisplayNames>;

function weighName({ names, others }: Entry, typed: string): number | null {
  if (names.includes(typed)) return WEIGHTS.name;
  if (others.includes(typed)) return WEIGHTS.otherName;
  if (names.some((name) => name.startsWith(typed))) return WEIGHTS.beginning;
  if (names.some((name) => name.includes(` ${typed}`))) return WEIGHTS.word;
  return others.some((name) => name.startsWith(typed)) ? WEIGHTS.otherBeginning : null;
}

/** `springfield il`, `paris france`: the words after the name begin a word of the region or the country. */
function weighQualified(entry: Entry, typed: string): number | null {
  const words = typed.split(" ");
  for (let count = words.length - 1; count > 0; count -= 1) {
    if (!words.slice(count).every((word) => isAround(entry, word))) return null;
    const weight = weighName(entry, words.slice(0, count).join(" "));
    if (weight !== null) return weight;
  }
  return null;
}

function isAround({ around }: Entry, word: string): boolean {
  return around.some((name) => name.startsWith(word) || name.includes(` ${word}`));
}

/** `浙江杭州`, `杭州市`, `英国 伦敦`: the region or the country comes first, and 市 may follow. */
function weighChinese(entry: Entry, typed: string): number | null {
  const text = withoutSuffix(typed.replaceAll(" ", ""));
  for (const rest of [text, ...restsAfter(entry, text)]) {
    const weight = weighName(entry, rest);
    if (weight !== null) return weight;
  }
  return null;
}

function withoutSuffix(text: string): string {
  return /.{2,}市$/u.test(text) ? text.slice(0, -1) : text;
}

/** What follows the names of the region and the country, with or without 省 and the like. */
function restsAfter({ around }: Entry, text: string): string[] {
  const after = (from: string) =>
    around
      .filter((name) => /\p{Script=Han}/u.test(name) && from.startsWith(name))
      .map((name) => from.slice(name.length).replace(/^(?:省|市|州|自治区)/u, ""))
      .filter((rest) => rest !== "");
  return after(text).flatMap((rest) => [rest, ...after(rest)]);
}

/** Folds the text and replaces traditional characters by simplified ones. */
function normalize(text: string): string {
  const { simplifiedOf } = index();
  return fold(text).replace(
    /\p{Script=Han}/gu,
    (character) => simplifiedOf.get(character) ?? character,
  );
}

let built: { entries: readonly Entry[]; simplifiedOf: ReadonlyMap<string, string> } | null = null;

function index() {
  built ??= {
    entries: [...loadCities().values()].map(entryOf),
    simplifiedOf: readTraditional(),
  };
  return built;
}

function entryOf(city: City): Entry {
  const names = [city.name, city.chinese].map(fold).filter((name) => name !== "");
  return {
    city,
    names,
    others: city.others,
    text: [...names, ...city.others].join("\n"),
    around: [...aroundIn(city.country), ...(city.region === null ? [] : aroundIn(city.region))],
    size: Math.log10(city.population),
  };
}

/** Cities share the names of their region and country. */
const aroundOf = new Map<string | Region, readonly string[]>();

function aroundIn(area: string | Region): readonly string[] {
  const known = aroundOf.get(area);
  if (known !== undefined) return known;
  const names =
    typeof area === "string"
      ? [area, ...(SHORT_NAMES[area] ?? []), countryName(area, "en"), countryName(area, "zh-CN")]
      : [area.code.slice(3), area.name, area.chinese];
  const folded = names.map(fold).filter((name) => name !== "");
  aroundOf.set(area, folded);
  return folded;
}
