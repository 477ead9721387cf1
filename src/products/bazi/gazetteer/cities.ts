import { readFileSync } from "node:fs";
import path from "node:path";
import { PLACES } from "../birth/places";

/** Longitude in degrees, east positive, and the IANA zone of the birth time. */
export interface Place {
  readonly longitude: number;
  readonly zone: string;
}

/**
 * A city of the world with more than 15,000 people, from GeoNames (CC BY 4.0). `dev/gazetteer` makes
 * the files; decision 0085 says why they are part of the repository.
 */
export interface City extends Place {
  /** The id at GeoNames, or the id of the place if `birth/places.ts` lists it. Never reused or removed. */
  readonly id: string;
  readonly name: string;
  /** In simplified characters; empty if GeoNames has none. */
  readonly chinese: string;
  /** Other names: Latin ones folded with `fold`, Chinese ones in simplified characters. */
  readonly others: readonly string[];
  /** ISO 3166-1 code. */
  readonly country: string;
  readonly region: Region | null;
  readonly population: number;
}

export interface Region {
  /** The country's code and the region's: `US.CA`. */
  readonly code: string;
  readonly name: string;
  /** Empty if unknown. */
  readonly chinese: string;
}

/** Returns the place with this id, or null if there is none. Listed places don't need the files. */
export function findPlace(id: string): Place | null {
  return PLACES.find((place) => place.id === id) ?? loadCities().get(id) ?? null;
}

let cities: ReadonlyMap<string, City> | null = null;

/** Returns all cities by id, the largest first. Reads the files once per process, in about 100 ms. */
export function loadCities(): ReadonlyMap<string, City> {
  cities ??= readCities();
  return cities;
}

/** Returns the traditional characters in names of places with the simplified character of each. */
export function readTraditional(): ReadonlyMap<string, string> {
  const [[traditional = ""] = [], [simplified = ""] = []] = readRows("traditional.tsv");
  const to = [...simplified];
  return new Map([...traditional].map((character, index) => [character, to[index] ?? character]));
}

function readCities(): Map<string, City> {
  const regions = new Map(
    readRows("regions.tsv").map(([code = "", name = "", chinese = ""]) => [
      code,
      { code, name, chinese },
    ]),
  );
  return new Map(
    readRows("cities.tsv").map((row) => {
      const [id = "", name = "", chinese = "", others = "", country = "", region = ""] = row;
      const [longitude, zone = "", population] = row.slice(6);
      const city: City = {
        id,
        name,
        chinese,
        others: others === "" ? [] : others.split("|"),
        country,
        region: regions.get(region) ?? null,
        longitude: Number(longitude),
        zone,
        population: Number(population),
      };
      return [id, city];
    }),
  );
}

/** The build finds files to deploy by this form of path. */
function readRows(file: "cities.tsv" | "regions.tsv" | "traditional.tsv"): string[][] {
  const folder = path.join(process.cwd(), "src/products/bazi/gazetteer");
  const text = readFileSync(path.join(folder, file), "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\t"));
}
