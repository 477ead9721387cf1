import { birthWallTime, civilDateOf, coordinatesOf } from "./birth-problems";
import type { BirthInput } from "./input";
import { instantsAt, standardOffsetSecondsAt, utcOffsetSecondsAt } from "./local-time";
import { trueSolarTimeAt } from "./true-solar-time";
import { type WallTime, wallMsOf, wallTimeOf } from "./wall-time";

/** A birth fixed in time: the clock's reading, the instant, and the local time pillars go by. */
export type BirthMoment = ReturnType<typeof birthMomentOf>;

/**
 * Fixes a validated birth in time. A clock reading that happened twice (the clocks were put back) is
 * taken the first time, and said so. Without true solar time, day and hour go by the zone's standard
 * time: daylight saving is never sun time.
 */
export function birthMomentOf(birth: BirthInput) {
  const date = civilDateOf(birth);
  if (date === null) throw new RangeError("A birth must be validated before it is computed.");
  const civil = birthWallTime({ date, time: birth.time });
  const { longitude, zone } = coordinatesOf(birth.place);
  const instants = instantsAt(zone, civil);
  const instant = instants[0];
  if (instant === undefined) throw new RangeError(`The clocks of ${zone} never showed this time.`);
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
    happenedTwice: birth.time !== null && instants.length > 1,
    reckoning: birth.useTrueSolarTime
      ? {
          kind: "true-solar" as const,
          ...trueSolarTimeAt({ instant, longitude, utcOffsetSeconds }),
        }
      : standardClock(civil, daylightSavingSeconds),
  };
}

function standardClock(civil: WallTime, daylightSavingSeconds: number) {
  return {
    kind: "standard-clock" as const,
    wall: wallTimeOf(wallMsOf(civil) - daylightSavingSeconds * 1000),
    longitudeCorrectionSeconds: 0,
    equationOfTimeSeconds: 0,
  };
}
