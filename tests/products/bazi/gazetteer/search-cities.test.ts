import { describe, expect, it } from "vitest";
import { QUERY_MAX_LENGTH, searchCities } from "@/products/bazi/gazetteer/search-cities";

const idsFor = (query: string) => searchCities(query).map(({ id }) => id);
const namesFor = (query: string) => searchCities(query).map(({ name }) => name);
/** The best match with its region or country. */
const bestFor = (query: string) => {
  const [city] = searchCities(query);
  return city && `${city.name}, ${city.region?.name ?? city.country}`;
};

describe("searchCities", () => {
  it("finds a city by the beginning of its name or of a word in it", () => {
    expect(idsFor("lond")[0]).toBe("london");
    expect(namesFor("francisco")).toContain("San Francisco");
    expect(namesFor("ondon")).toEqual([]);
  });

  it("ranks an exact name above beginnings, and larger cities first among equals", () => {
    const parises = searchCities("paris").filter(({ name }) => name === "Paris");
    expect(parises.map(({ country }) => country)).toEqual(["FR", "US"]);
    // Pekin, Illinois is spelled like that; Beijing is only known as Pekin in other languages.
    expect(searchCities("pekin").map(({ name }) => name)).toEqual(
      expect.arrayContaining(["Pekin", "Beijing"]),
    );
    expect(bestFor("pekin")).toBe("Pekin, Illinois");
    expect(namesFor("san")[0]).not.toBe("Shanghai");
  });

  it("ignores case, diacritics, apostrophes and hyphens", () => {
    for (const query of ["Zürich", "zurich", "ZÜRICH", "Zu\u0308rich"]) {
      expect(bestFor(query), query).toBe("Zürich, Zurich");
    }
    for (const query of ["łódź", "lodz", "Lodz "]) expect(namesFor(query)[0], query).toBe("Łódź");
    for (const query of ["xi'an", "xi’an", "Xian"]) expect(idsFor(query)[0], query).toBe("xian");
    expect(namesFor("saint denis")).toContain("Saint-Denis");
  });

  it("finds cities by their other names", () => {
    for (const [query, id] of [
      ["Peking", "beijing"],
      ["Bombay", "mumbai"],
      ["Saigon", "ho-chi-minh-city"],
      ["Canton", "guangzhou"],
    ] as const) {
      expect(idsFor(query), query).toContain(id);
    }
    expect(namesFor("Cologne")[0]).toBe("Köln");
  });

  it("finds Chinese names in simplified and traditional characters", () => {
    for (const [query, id] of [
      ["杭州", "hangzhou"],
      ["旧金山", "san-francisco"],
      ["舊金山", "san-francisco"],
      ["三藩市", "san-francisco"],
      ["紐約", "new-york"],
      ["倫敦", "london"],
      ["臺北", "taipei"],
      ["東京", "tokyo"],
      ["檳城", "penang"],
      ["圣保", "sao-paulo"],
    ] as const) {
      expect(idsFor(query)[0], query).toBe(id);
    }
    expect(namesFor("聖彼得堡")[0]).toBe("Saint Petersburg");
  });

  it("narrows the search by the region or the country", () => {
    expect(bestFor("london ontario")).toBe("London, Ontario");
    expect(bestFor("london, canada")).toBe("London, Ontario");
    expect(bestFor("springfield il")).toBe("Springfield, Illinois");
    expect(bestFor("paris france")).toBe("Paris, Île-de-France");
    for (const query of ["浙江杭州", "浙江省杭州市", "中国杭州", "杭州市", "中国 浙江 杭州"]) {
      expect(idsFor(query)[0], query).toBe("hangzhou");
    }
    expect(bestFor("加拿大倫敦")).toBe("London, Ontario");
    expect(namesFor("paris brazil")).toEqual([]);
  });

  it("returns at most 12 cities, without duplicates", () => {
    for (const query of ["a", "san", "s"]) {
      const ids = idsFor(query);
      expect(ids).toHaveLength(12);
      expect(new Set(ids).size).toBe(12);
    }
  });

  it("returns nothing for text that names no city", () => {
    for (const query of ["", "   ", "'", "…", "qqqq", "%", "(", "🙂", "\u0301", "__proto__"]) {
      expect(searchCities(query), query).toEqual([]);
    }
    expect(searchCities("x".repeat(100_000))).toEqual([]);
    expect(searchCities(`london${" ".repeat(QUERY_MAX_LENGTH)}nowhere`)).toEqual(
      searchCities("london"),
    );
  });
});
