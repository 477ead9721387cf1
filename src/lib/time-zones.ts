/**
 * True for an IANA zone that this runtime knows, such as `Asia/Shanghai` or `UTC`. False for an
 * offset such as `+08:00`, which has no daylight saving time.
 */
export function isTimeZone(value: string): boolean {
  if (!/^[A-Za-z]/.test(value)) return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: value }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
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
