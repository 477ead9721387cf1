const RADIANS = Math.PI / 180;
const JULIAN_DAY_OF_UNIX_EPOCH = 2_440_587.5;

/**
 * Seconds by which the true sun is ahead of the mean sun (positive: a sundial is fast), good to
 * about two seconds between 1900 and 2100. Source: J. Meeus, Astronomical Algorithms, 2nd edition,
 * chapter 28 with the solar position of chapter 25.
 */
export function equationOfTimeSeconds(instant: Date): number {
  const sun = apparentSunAt(centuriesFrom2000(instant));
  const rightAscension = Math.atan2(
    Math.cos(sun.obliquity * RADIANS) * Math.sin(sun.longitude * RADIANS),
    Math.cos(sun.longitude * RADIANS),
  );
  const nutation = -0.00478 * Math.sin(sun.node * RADIANS) * Math.cos(sun.obliquity * RADIANS);
  const degrees = sun.meanLongitude - 0.0057183 - rightAscension / RADIANS + nutation;
  return nearestZeroDegrees(degrees) * 240;
}

function centuriesFrom2000(instant: Date): number {
  const julianDay = instant.getTime() / 86_400_000 + JULIAN_DAY_OF_UNIX_EPOCH;
  return (julianDay - 2_451_545) / 36_525;
}

/** Degrees. The sun's longitude of date, corrected for nutation and aberration. */
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
