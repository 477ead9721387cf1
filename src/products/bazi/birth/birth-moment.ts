import { findPlace, type Place } from "../gazetteer/cities";
import type { BirthInput } from "./input";
import { instantsAt, standardOffsetSecondsAt, utcOffsetSecondsAt } from "./local-time";
import { type CivilDate, civilDateOfLunar } from "./lunar-calendar";
import { trueSolarTimeAt } from "./true-solar-time";
import { isCalendarDate, type WallTime, wallMsOf, wallTimeOf } from "./wall-time";

/** A birth fixed in time: clock time, instant, and the local time that the pillars are read from. */
export type BirthMoment = ReturnType<typeof birthMomentOf>;

/**
 * Fixes a validated birth in time. A clock time that occurred twice (clocks set back) is taken as
 * the first occurrence and flagged. Without true solar time, day and hour use the zone's standard
 * time: daylight saving is never solar time.
 * @throws RangeError if the birth has not passed `birthInputSchema`
 */
export function birthMomentOf(birth: BirthInput) {
  const date = civilDateOf(birth);
  if (date === null) throw new RangeError("The birth date does not exist in its calendar.");
  const civil = birthWallTime({ date, time: birth.time });
  const { longitude, zone } = coordinatesOf(birth.place);
  const instants = instantsAt(zone, civil);
  const instant = instants[0];
  if (instant === undefined) throw new RangeError(`Clocks in ${zone} skipped the birth time.`);
  const utcOffsetSeconds = utcOffsetSecondsAt(zone, instant);
  const daylightSavingSeconds = utcOffsetSeconds - standardOffsetSecondsAt(zone, instant);
  return {
    civil,
    date,
    instant,
    longitude,
    zone,
    utcOffsetSeconds,
    daylightSavingSeconds,
    occurredTwice: birth.time !== null && instants.length > 1,
    reckoning: birth.useTrueSolarTime
      ? {
          kind: "true-solar" as const,
          ...trueSolarTimeAt({ instant, longitude, utcOffsetSeconds }),
        }
      : standardClock(civil, daylightSavingSeconds),
  };
}

/** The Gregorian date of a birth, or null if its calendar has no such date. */
export function civilDateOf(
  birth: Pick<BirthInput, "calendar" | "year" | "month" | "day" | "isLeapMonth">,
): CivilDate | null {
  if (birth.calendar === "lunar") return civilDateOfLunar(birth);
  const { year, month, day } = birth;
  return isCalendarDate(birth) ? { year, month, day } : null;
}

/** The clock time of a birth; noon when the time is unknown. */
export function birthWallTime(birth: { date: CivilDate; time: string | null }): WallTime {
  const [hour = 12, minute = 0] = (birth.time ?? "12:00").split(":").map(Number);
  return { ...birth.date, hour, minute, second: 0 };
}

export function coordinatesOf(place: BirthInput["place"]): Place {
  if (place.kind === "coordinates") return place;
  const city = findPlace(place.cityId);
  if (city === null) throw new RangeError(`Unknown place: ${place.cityId}.`);
  return city;
}

function standardClock(civil: WallTime, daylightSavingSeconds: number) {
  return {
    kind: "standard-clock" as const,
    wall: wallTimeOf(wallMsOf(civil) - daylightSavingSeconds * 1000),
    longitudeCorrectionSeconds: 0,
    equationOfTimeSeconds: 0,
  };
}
