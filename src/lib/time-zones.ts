import type { Locale } from "./locales";

/** Longer than any name, so that no long text reaches the runtime's parser. */
const MAX_LENGTH = 64;

/** `America/Argentina/Buenos_Aires`, `America/Port-au-Prince`. */
const PLACE = /^[A-Z][a-z]+(\/[A-Z][a-z]+([_-]([A-Z][a-z]+|au|es|of))*)+$/;

/**
 * Returns the canonical spelling of an IANA zone that this runtime knows: `Asia/Shanghai` for
 * `asia/SHANGHAI`. A place name such as `Asia/Kolkata` is kept even if the runtime prefers another one;
 * other aliases, such as `PRC`, are resolved. Null for anything else, including offsets such as `+08:00`,
 * which have no daylight saving time.
 */
export function canonicalTimeZone(value: string): string | null {
  if (value.length > MAX_LENGTH || !/^[A-Za-z]/.test(value)) return null;
  try {
    const { timeZone } = new Intl.DateTimeFormat("en", { timeZone: value }).resolvedOptions();
    const isAlias = timeZone.toLowerCase() !== value.toLowerCase();
    return isAlias && PLACE.test(value) ? value : timeZone;
  } catch {
    return null;
  }
}

/**
 * Returns every IANA zone that this runtime knows, sorted, together with the selected one, which
 * may be an alias that the list lacks. Pass an empty string if none is selected.
 */
export function timeZoneNames(selected: string): string[] {
  const names = new Set(["UTC", ...Intl.supportedValuesOf("timeZone")]);
  if (selected !== "") names.add(selected);
  return [...names].toSorted();
}

/** A zone to choose, named in the reader's language: `China Standard Time (Asia/Shanghai)`. */
export interface TimeZoneOption {
  readonly value: string;
  readonly label: string;
}

/** Returns the zones of `timeZoneNames` with their names, sorted by these. */
export function timeZoneOptions(selected: string, locale: Locale): TimeZoneOption[] {
  const { compare } = new Intl.Collator(locale);
  return timeZoneNames(selected)
    .map((value) => ({ value, label: timeZoneLabel(value, locale) }))
    .toSorted((a, b) => compare(a.label, b.label));
}

/**
 * The name of a zone in the reader's language, all year round: `Pacific Time`, `北美太平洋时间`. An unknown
 * zone falls back to UTC.
 */
export function timeZoneName(zone: string, locale: Locale): string {
  const known = zoneNames[locale].get(zone);
  if (known !== undefined) return known;
  const canonical = canonicalTimeZone(zone) ?? "UTC";
  // Intl calls it GMT.
  if (canonical === "UTC") return canonical;
  const name = nameIn(canonical, { locale, style: "longGeneric", at: NAMED_AT });
  zoneNames[locale].set(zone, name);
  return name;
}

/** The name of a zone at an instant, which shows daylight saving: `China Daylight Time`. */
export function timeZoneNameAt(zone: string, { locale, at }: { locale: Locale; at: Date }): string {
  const name = nameIn(zone, { locale, style: "long", at });
  return name.startsWith("GMT") ? timeZoneName(zone, locale) : name;
}

function nameIn(
  timeZone: string,
  { locale, style, at }: { locale: Locale; style: "long" | "longGeneric"; at: Date },
): string {
  const format = new Intl.DateTimeFormat(locale, { timeZone, timeZoneName: style });
  const name = format.formatToParts(at).find(({ type }) => type === "timeZoneName");
  return name?.value ?? timeZone;
}

/** Zones have changed their names. Some day of standard time in the north. */
const NAMED_AT = new Date(Date.UTC(2026, 0, 15));

/** Creating a formatter is expensive. Bounded by the zones that the runtime knows. */
const zoneNames = { en: new Map<string, string>(), "zh-CN": new Map<string, string>() };

function timeZoneLabel(zone: string, locale: Locale): string {
  const name = timeZoneName(zone, locale);
  if (name === "UTC") return name;
  const id = zone.replaceAll("_", " ");
  return locale === "zh-CN" ? `${name}（${id}）` : `${name} (${id})`;
}
