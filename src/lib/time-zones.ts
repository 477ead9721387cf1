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
