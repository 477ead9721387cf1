import { type WallTime, wallMsOf } from "./wall-time";

const DAY_MS = 86_400_000;
/** No daylight saving was ever shorter than this. */
const STEP_DAYS = 14;

/** Whether the zone is one that the IANA data of this runtime knows (`Asia/Shanghai`, `UTC`). */
export function isKnownZone(zone: string): boolean {
  if (zone !== "UTC" && !zone.includes("/")) return false;
  try {
    formatterFor(zone);
    return true;
  } catch {
    return false;
  }
}

/** Seconds that the zone's clocks were ahead of UTC at the instant, historic rules included. */
export function utcOffsetSecondsAt(zone: string, instant: Date): number {
  const fields: Record<string, number> = {};
  for (const part of formatterFor(zone).formatToParts(instant)) {
    if (part.type !== "literal") fields[part.type] = Number(part.value);
  }
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = fields;
  const wallMs = wallMsOf({ year, month, day, hour, minute, second });
  return Math.round((wallMs - instant.getTime()) / 1000);
}

/**
 * The instants at which the zone's clocks showed this time, earliest first: none when the clocks
 * jumped over it, two when they were put back through it.
 */
export function instantsAt(zone: string, wall: WallTime): Date[] {
  const wallMs = wallMsOf(wall);
  const offsets = new Set(
    [-DAY_MS, 0, DAY_MS].map((shift) => utcOffsetSecondsAt(zone, new Date(wallMs + shift))),
  );
  return [...offsets]
    .map((offset) => ({ offset, instant: new Date(wallMs - offset * 1000) }))
    .filter(({ offset, instant }) => utcOffsetSecondsAt(zone, instant) === offset)
    .map(({ instant }) => instant)
    .sort((a, b) => a.getTime() - b.getTime());
}

/**
 * The offset without daylight saving. Intl tells offsets but not which part is daylight saving, and
 * its zone names are reliable only after 1970; so an offset counts as daylight saving when within
 * one year the clocks came from, and went back to, one and the same lower offset. Wartime shifts
 * that lasted longer than a year count as the standard of their years.
 */
export function standardOffsetSecondsAt(zone: string, instant: Date): number {
  const offset = utcOffsetSecondsAt(zone, instant);
  for (let before = STEP_DAYS; before <= 364; before += STEP_DAYS) {
    const earlier = utcOffsetSecondsAt(zone, new Date(instant.getTime() - before * DAY_MS));
    if (earlier >= offset) continue;
    return goesBackTo({ zone, instant, offset: earlier, withinDays: 378 - before })
      ? earlier
      : offset;
  }
  return offset;
}

function goesBackTo(search: {
  zone: string;
  instant: Date;
  offset: number;
  withinDays: number;
}): boolean {
  for (let after = STEP_DAYS; after <= search.withinDays; after += STEP_DAYS) {
    const later = new Date(search.instant.getTime() + after * DAY_MS);
    if (utcOffsetSecondsAt(search.zone, later) === search.offset) return true;
  }
  return false;
}

/** Building a formatter costs far more than using it; there are a few hundred zones at most. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterFor(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known) return known;
  const formatter = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    calendar: "gregory",
    numberingSystem: "latn",
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  formatters.set(zone, formatter);
  return formatter;
}
