import { millisecondsInDay } from "date-fns/constants";
import { canonicalTimeZone } from "@/lib/time-zones";
import { type WallTime, wallMsOf } from "./wall-time";

/** Shorter than any period of daylight saving on record. */
const STEP_DAYS = 14;

/**
 * The canonical spelling of a zone that the runtime's IANA data contains (`Asia/Shanghai`, `UTC`), or
 * null.
 */
export function knownZone(zone: string): string | null {
  return zone === "UTC" || zone.includes("/") ? canonicalTimeZone(zone) : null;
}

/** UTC offset of the zone at the instant in seconds, by its historical rules. */
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
 * The instants at which the zone's clocks showed this time, earliest first. Empty when the clocks
 * skipped the time, two instants when it occurred twice.
 */
export function instantsAt(zone: string, wall: WallTime): Date[] {
  const wallMs = wallMsOf(wall);
  const offsets = new Set(
    [-millisecondsInDay, 0, millisecondsInDay].map((shift) =>
      utcOffsetSecondsAt(zone, new Date(wallMs + shift)),
    ),
  );
  return [...offsets]
    .map((offset) => ({ offset, instant: new Date(wallMs - offset * 1000) }))
    .filter(({ offset, instant }) => utcOffsetSecondsAt(zone, instant) === offset)
    .map(({ instant }) => instant)
    .sort((a, b) => a.getTime() - b.getTime());
}

/**
 * UTC offset without daylight saving, in seconds. Intl does not expose daylight saving, so an offset
 * counts as daylight saving if, within one year, the clocks moved up from a lower offset and back to
 * it. Wartime shifts that lasted longer than a year count as standard time.
 */
export function standardOffsetSecondsAt(zone: string, instant: Date): number {
  const offset = utcOffsetSecondsAt(zone, instant);
  for (let before = STEP_DAYS; before <= 364; before += STEP_DAYS) {
    const earlier = utcOffsetSecondsAt(
      zone,
      new Date(instant.getTime() - before * millisecondsInDay),
    );
    if (earlier >= offset) continue;
    return returnsTo({ zone, instant, offset: earlier, withinDays: 378 - before })
      ? earlier
      : offset;
  }
  return offset;
}

function returnsTo(search: {
  zone: string;
  instant: Date;
  offset: number;
  withinDays: number;
}): boolean {
  for (let after = STEP_DAYS; after <= search.withinDays; after += STEP_DAYS) {
    const later = new Date(search.instant.getTime() + after * millisecondsInDay);
    if (utcOffsetSecondsAt(search.zone, later) === search.offset) return true;
  }
  return false;
}

/** Creating a formatter is expensive. Bounded: `knownZone` has parsed every zone. */
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
