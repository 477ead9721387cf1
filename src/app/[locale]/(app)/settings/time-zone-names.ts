/** All IANA zones this server knows, by name, and the person's own if the list has it under another name. */
export function timeZoneNames(own: string): string[] {
  const names = new Set(["UTC", own, ...Intl.supportedValuesOf("timeZone")]);
  return [...names].toSorted();
}
