import { describe, expect, it } from "vitest";
import { canonicalTimeZone } from "@/lib/time-zones";
import { birthFieldsSchema, parseBirth } from "@/products/bazi/birth/input";
import { PLACES } from "@/products/bazi/birth/places";
import { chartSchema } from "@/products/bazi/chart/chart";
import { findPlace, loadCities } from "@/products/bazi/gazetteer/cities";
import { cityName, describeCity } from "@/products/bazi/gazetteer/describe-city";
import { searchCities } from "@/products/bazi/gazetteer/search-cities";
import { USUAL_CHINESE_NAMES } from "../../../../dev/gazetteer/usual-chinese-names";
import { birthLike, chartOf } from "../births";

const cities = [...loadCities().values()];

/** The city that a search finds first. */
function firstFor(query: string) {
  const [city] = searchCities(query);
  if (city === undefined) throw new Error(`No city for ${query}.`);
  return city;
}

describe("the gazetteer", () => {
  it("has a name, a country and a longitude for every city, and 9,000 names in Chinese", () => {
    expect(cities.length).toBeGreaterThan(26_000);
    expect(cities.filter(({ chinese }) => chinese !== "").length).toBeGreaterThan(9000);
    const broken = cities.filter(
      ({ name, country, longitude, population }) =>
        name.trim() === "" ||
        !/^[A-Z]{2}$/.test(country) ||
        !(Math.abs(longitude) <= 180) ||
        !(population >= 15_000),
    );
    expect(broken).toEqual([]);
  });

  it("spells every zone as the runtime does", () => {
    const zones = new Set(cities.map(({ zone }) => zone));
    expect(zones.size).toBeGreaterThan(300);
    expect([...zones].filter((zone) => canonicalTimeZone(zone) !== zone)).toEqual([]);
  });

  it.each([
    ["Köln", "科隆"],
    ["Munich", "慕尼黑"],
    ["San Francisco", "旧金山"],
    ["New York", "纽约"],
    ["San Diego", "圣迭戈"],
    ["Sydney", "悉尼"],
    ["Brisbane", "布里斯班"],
    ["Chennai", "金奈"],
    ["Sarajevo", "萨拉热窝"],
    ["Freetown", "弗里敦"],
    ["Giza", "吉萨"],
    ["Busan", "釜山"],
    ["Yokohama", "横滨"],
    ["Benxi", "本溪"],
    ["Xuchang", "许昌"],
  ])("calls %s by its usual Chinese name, %s", (name, chinese) => {
    expect(cities.find((city) => city.name === name)?.chinese).toBe(chinese);
    expect(firstFor(chinese).name).toBe(name);
  });

  it("has every name of the list of usual names, and finds cities by the name that it replaces", () => {
    const list = Object.entries(USUAL_CHINESE_NAMES).flatMap(([country, names]) =>
      names.split(", ").map((line) => {
        const at = line.lastIndexOf(" ");
        return { country, name: line.slice(0, at), chinese: line.slice(at + 1) };
      }),
    );
    const missing = list.filter(
      ({ country, name, chinese }) =>
        !cities.some(
          (city) => city.country === country && city.chinese === chinese && city.name === name,
        ),
    );
    expect(missing).toEqual([]);
    expect(firstFor("古龙").name).toBe("Köln");
  });

  it("spells no Chinese name with characters that only Japanese writes", () => {
    const japanese = cities.filter(({ chinese }) => /[広浜沢豊徳渓恵桜塩黒瀬関]/.test(chinese));
    expect(japanese.map(({ chinese }) => chinese)).toEqual([]);
  });

  it("has longitudes that fit their zones, so that every city makes a valid birth", () => {
    const fromWest = cities.toSorted((a, b) => a.longitude - b.longitude);
    const eastmost = new Map(fromWest.map((city) => [city.zone, city]));
    const westmost = new Map(fromWest.toReversed().map((city) => [city.zone, city]));
    const refused = [...eastmost.values(), ...westmost.values()].filter(
      ({ id }) => !parseBirth(birthLike({ place: { kind: "city", cityId: id } })).ok,
    );
    expect(refused).toEqual([]);
  });

  it("has the listed places under their own ids, close to the longitude and in the zone of the list", () => {
    for (const { id, longitude, zone } of PLACES) {
      const city = loadCities().get(id);
      expect(city, id).toBeDefined();
      expect(Math.abs((city?.longitude ?? 0) - longitude), id).toBeLessThan(0.5);
      expect(city?.zone, id).toBe(zone);
    }
  });

  it("gives all of China Beijing time", () => {
    const china = new Set(cities.filter(({ country }) => country === "CN").map(({ zone }) => zone));
    expect([...china]).toEqual(["Asia/Shanghai"]);
  });
});

describe("findPlace", () => {
  it("finds listed places with the coordinates that older readings were computed with", () => {
    expect(findPlace("beijing")).toMatchObject({ longitude: 116.41, zone: "Asia/Shanghai" });
    expect(findPlace("kashgar")).toMatchObject({ longitude: 75.99, zone: "Asia/Shanghai" });
  });

  it("keeps stored births valid, with a place of the list or of the gazetteer", () => {
    for (const cityId of ["beijing", "hong-kong", firstFor("springfield il").id]) {
      const stored = JSON.parse(JSON.stringify(birthLike({ place: { kind: "city", cityId } })));
      expect(birthFieldsSchema.parse(stored).place).toEqual({ kind: "city", cityId });
      expect(chartSchema.parse(chartOf({ place: { kind: "city", cityId } })).birth.placeId).toBe(
        cityId,
      );
    }
  });

  it("returns null for an id that no place has", () => {
    for (const id of ["", "other", "atlantis", "0", "__proto__", "1816670 "]) {
      expect(findPlace(id), id).toBeNull();
    }
  });
});

describe("describeCity", () => {
  it("names the city, its region, country and zone in the reader's language", () => {
    const springfield = firstFor("springfield il");
    expect(describeCity(springfield, "en")).toMatchObject({
      name: "Springfield",
      around: "Illinois, United States",
      zone: "Central Time",
    });
    expect(describeCity(springfield, "zh-CN")).toMatchObject({
      name: "斯普林菲尔德",
      around: "美国伊利诺伊州",
      zone: "北美中部时间",
    });
  });

  it("does not repeat a city as its own region", () => {
    expect(describeCity(firstFor("北京"), "zh-CN").around).toBe("中国");
    expect(describeCity(firstFor("singapore"), "en").around).not.toContain("Singapore, Singapore");
  });

  it("gives a stored reading the full name of its city, and null for an unknown id", () => {
    const { id } = firstFor("springfield il");
    expect(cityName(id, "en")).toBe("Springfield, Illinois, United States");
    expect(cityName(id, "zh-CN")).toBe("斯普林菲尔德，美国伊利诺伊州");
    expect(cityName("atlantis", "en")).toBeNull();
  });
});

describe("a chart of a city of the gazetteer", () => {
  it("is computed with the longitude and the historical zone of the city", () => {
    const facts = (query: string, changes: Parameters<typeof birthLike>[0] = {}) => {
      const { birth } = chartOf({
        ...changes,
        place: { kind: "city", cityId: firstFor(query).id },
        useTrueSolarTime: true,
      });
      const { longitude, zone, utcOffsetSeconds, reckoning } = birth;
      return { longitude, zone, utcOffsetSeconds, solar: reckoning.longitudeCorrectionSeconds };
    };
    // Noon on 15 June 1990 by the clock, with daylight saving where it applied.
    expect(facts("zurich")).toEqual({
      longitude: 8.55,
      zone: "Europe/Zurich",
      utcOffsetSeconds: 7200,
      solar: 8.55 * 240 - 7200,
    });
    expect(facts("kathmandu")).toMatchObject({
      zone: "Asia/Kathmandu",
      utcOffsetSeconds: 20_700,
    });
    expect(facts("denver")).toMatchObject({ zone: "America/Denver", utcOffsetSeconds: -21_600 });
    expect(facts("st johns newfoundland")).toMatchObject({
      zone: "America/St_Johns",
      utcOffsetSeconds: -9000,
    });
    // Nepal was ten minutes behind until 1986.
    expect(facts("kathmandu", { year: 1980 })).toMatchObject({ utcOffsetSeconds: 19_800 });
    expect(facts("德清")).toMatchObject({ zone: "Asia/Shanghai", utcOffsetSeconds: 32_400 });
  });
});
