import type { Locale } from "@/lib/locales";
import { timeZoneName } from "@/lib/time-zones";
import { type City, loadCities } from "./cities";
import { countryName } from "./search-cities";

/** A city in the reader's language. */
export interface CityText {
  readonly id: string;
  readonly name: string;
  /** The region and the country: `Illinois, United States`, `美国伊利诺伊州`. */
  readonly around: string;
  /** The time zone. */
  readonly zone: string;
}

/** Describes a city in a language. Names that GeoNames lacks in Chinese stay Latin. */
export function describeCity(city: City, locale: Locale): CityText {
  const { id, zone } = city;
  return {
    id,
    name: (locale === "zh-CN" && city.chinese) || city.name,
    around: aroundOf(city, locale),
    zone: timeZoneName(zone, locale),
  };
}

/** The name of a city with its region and country, or null if there is no such city. */
export function cityName(id: string, locale: Locale): string | null {
  const city = loadCities().get(id);
  if (city === undefined) return null;
  const { name, around } = describeCity(city, locale);
  return name + (locale === "zh-CN" ? "，" : ", ") + around;
}

function aroundOf({ name, country, region }: City, locale: Locale): string {
  const land = countryName(country, locale);
  // Beijing is in Beijing, and the districts of Hong Kong and Macau are no addresses.
  if (region === null || region.name === name || ["HK", "MO"].includes(country)) return land;
  if (locale === "en") return `${region.name}, ${land}`;
  return region.chinese === "" ? `${land} ${region.name}` : land + region.chinese;
}
