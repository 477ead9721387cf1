import { millisecondsInDay, secondsInDay } from "date-fns/constants";
import { type WallTime, wallTimeOf } from "./wall-time";

/** The sun crosses one degree of longitude in four minutes. */
const SECONDS_PER_DEGREE = 240;
const RADIANS = Math.PI / 180;
const JULIAN_DAY_OF_UNIX_EPOCH = 2_440_587.5;
const JULIAN_DAY_OF_J2000 = 2_451_545;
const DAYS_PER_CENTURY = 36_525;

export type TrueSolarTime = {
  wall: WallTime;
  /** Local mean time minus the zone's clock time, daylight saving included. */
  longitudeCorrectionSeconds: number;
  equationOfTimeSeconds: number;
};

/**
 * True (apparent) solar time: UTC + 4 minutes per degree of longitude + equation of time. The date
 * is the civil date of the zone, also where the date line bends (Samoa, Kiribati).
 */
export function trueSolarTimeAt(moment: {
  instant: Date;
  longitude: number;
  utcOffsetSeconds: number;
}): TrueSolarTime {
  const { instant, longitude, utcOffsetSeconds } = moment;
  const gap = longitude * SECONDS_PER_DEGREE - utcOffsetSeconds;
  const longitudeCorrectionSeconds = Math.round(
    gap - secondsInDay * Math.round(gap / secondsInDay),
  );
  const equation = Math.round(equationOfTimeSeconds(instant));
  const aheadSeconds = utcOffsetSeconds + longitudeCorrectionSeconds + equation;
  return {
    wall: wallTimeOf(instant.getTime() + aheadSeconds * 1000),
    longitudeCorrectionSeconds,
    equationOfTimeSeconds: equation,
  };
}

/**
 * Seconds by which the true sun is ahead of the mean sun (positive: a sundial is fast). Accurate to
 * about two seconds from 1900 to 2100. Source: J. Meeus, Astronomical Algorithms, 2nd edition,
 * chapter 28 with the solar position of chapter 25.
 */
export function equationOfTimeSeconds(instant: Date): number {
  const sun = apparentSunAt(centuriesSinceJ2000(instant));
  const rightAscension = Math.atan2(
    Math.cos(sun.obliquity * RADIANS) * Math.sin(sun.longitude * RADIANS),
    Math.cos(sun.longitude * RADIANS),
  );
  const nutation = -0.00478 * Math.sin(sun.node * RADIANS) * Math.cos(sun.obliquity * RADIANS);
  const degrees = sun.meanLongitude - 0.0057183 - rightAscension / RADIANS + nutation;
  return nearestZeroDegrees(degrees) * SECONDS_PER_DEGREE;
}

function centuriesSinceJ2000(instant: Date): number {
  const julianDay = instant.getTime() / millisecondsInDay + JULIAN_DAY_OF_UNIX_EPOCH;
  return (julianDay - JULIAN_DAY_OF_J2000) / DAYS_PER_CENTURY;
}

/** Degrees: the sun's longitude of date, corrected for nutation and aberration. */
function apparentSunAt(centuries: number) {
  const t = centuries;
  const meanLongitude = 280.46646 + 36_000.76983 * t + 0.0003032 * t * t;
  const anomaly = (357.52911 + 35_999.05029 * t - 0.0001537 * t * t) * RADIANS;
  const centre =
    (1.914602 - 0.004817 * t - 0.000014 * t * t) * Math.sin(anomaly) +
    (0.019993 - 0.000101 * t) * Math.sin(2 * anomaly) +
    0.000289 * Math.sin(3 * anomaly);
  const node = 125.04 - 1934.136 * t;
  const longitude = meanLongitude + centre - 0.00569 - 0.00478 * Math.sin(node * RADIANS);
  const obliquity = 23.4392911 - 0.0130042 * t + 0.00256 * Math.cos(node * RADIANS);
  return { meanLongitude, longitude, node, obliquity };
}

function nearestZeroDegrees(degrees: number): number {
  return degrees - 360 * Math.round(degrees / 360);
}
