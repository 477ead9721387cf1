/**
 * All IANA zones this server knows, by name, and the one chosen so far (empty if none is) when the
 * list has it under another name.
 */
export function timeZoneNames(chosen: string): string[] {
  const names = new Set(["UTC", ...Intl.supportedValuesOf("timeZone")]);
  if (chosen !== "") names.add(chosen);
  return [...names].toSorted();
}
