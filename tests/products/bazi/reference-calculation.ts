import { millisecondsInDay, secondsInDay } from "date-fns/constants";

/**
 * A second calculation of the four pillars that shares no code with the product or its library.
 * Sources: J. Meeus, Astronomical Algorithms, 2nd edition (chapter 7 Julian day, 25 solar position,
 * 27 equinoxes and solstices); Espenak and Meeus' polynomials for ΔT; the classical rules 五虎遁
 * (month stem) and 五鼠遁 (hour stem). Day count: 1 January 2000 is a 戊午 day.
 */
const RADIANS = Math.PI / 180;

/** Julian day number of a Gregorian date, at noon. */
export function julianDayNumber(year: number, month: number, day: number): number {
  const shift = month <= 2 ? 1 : 0;
  const y = year - shift;
  const m = month + 12 * shift;
  const century = Math.floor(y / 100);
  return (
    Math.floor(365.25 * (y + 4716)) +
    Math.floor(30.6001 * (m + 1)) +
    day +
    (2 - century + Math.floor(century / 4)) -
    1524
  );
}

/** Sexagenary index of a civil day; 0 is 甲子. */
export function dayIndex(year: number, month: number, day: number): number {
  const daysSinceAnchor = julianDayNumber(year, month, day) - julianDayNumber(2000, 1, 1);
  return modulo(54 + daysSinceAnchor, 60);
}

/** ΔT = TT − UT in seconds: Espenak and Meeus' polynomials for 1900 to 2100. */
export function deltaTSeconds(year: number): number {
  const t = year - 2000;
  if (year < 1920) {
    const u = year - 1900;
    return -2.79 + 1.494119 * u - 0.0598939 * u ** 2 + 0.0061966 * u ** 3 - 0.000197 * u ** 4;
  }
  if (year < 1941) {
    const u = year - 1920;
    return 21.2 + 0.84493 * u - 0.0761 * u ** 2 + 0.0020936 * u ** 3;
  }
  if (year < 1961) {
    const u = year - 1950;
    return 29.07 + 0.407 * u - u ** 2 / 233 + u ** 3 / 2547;
  }
  if (year < 1986) {
    const u = year - 1975;
    return 45.45 + 1.067 * u - u ** 2 / 260 - u ** 3 / 718;
  }
  if (year < 2005) {
    return 63.86 + 0.3345 * t - 0.060374 * t ** 2 + 0.0017275 * t ** 3 + 0.000651814 * t ** 4;
  }
  if (year < 2050) return 62.92 + 0.32217 * t + 0.005589 * t ** 2;
  return -20 + 32 * ((year - 1820) / 100) ** 2 - 0.5628 * (2150 - year);
}

/** The sun's apparent longitude in degrees, accurate to 0.01° (15 minutes of its motion). */
export function solarLongitude(instant: Date): number {
  const seconds = instant.getTime() / 1000 + deltaTSeconds(instant.getUTCFullYear());
  const t = (seconds / secondsInDay + 2_440_587.5 - 2_451_545) / 36_525;
  const mean = 280.46646 + 36_000.76983 * t + 0.0003032 * t * t;
  const anomaly = (357.52911 + 35_999.05029 * t - 0.0001537 * t * t) * RADIANS;
  const centre =
    (1.914602 - 0.004817 * t) * Math.sin(anomaly) +
    (0.019993 - 0.000101 * t) * Math.sin(2 * anomaly) +
    0.000289 * Math.sin(3 * anomaly);
  const node = (125.04 - 1934.136 * t) * RADIANS;
  return modulo(mean + centre - 0.00569 - 0.00478 * Math.sin(node), 360);
}

/** Degrees from the nearest month boundary. The pillars below are uncertain close to zero. */
export function degreesToMonthBoundary(instant: Date): number {
  const degrees = modulo(solarLongitude(instant) - 15, 30);
  return Math.min(degrees, 30 - degrees);
}

/**
 * The month boundaries (longitudes 15°, 45°, …) before and after an instant, found by bisection of
 * the longitude above. Accurate to 15 minutes; forty halvings narrow the bracket to microseconds.
 */
export function monthBoundariesAround(instant: Date): { previous: Date; next: Date } {
  const into = modulo(solarLongitude(instant) - 15, 30);
  const crossing = (degreesAhead: number) => {
    const target = solarLongitude(instant) + degreesAhead;
    // The sun moves 0.95° to 1.02° a day, so the root is within two days of the mean guess.
    const guess = instant.getTime() + (degreesAhead / 0.985647) * millisecondsInDay;
    let [low, high] = [guess - 2 * millisecondsInDay, guess + 2 * millisecondsInDay];
    for (let halving = 0; halving < 40; halving += 1) {
      const middle = (low + high) / 2;
      const past = modulo(solarLongitude(new Date(middle)) - target + 180, 360) >= 180;
      if (past) high = middle;
      else low = middle;
    }
    return new Date(high);
  };
  return { previous: crossing(-into), next: crossing(30 - into) };
}

/** Equation of time in seconds: Spencer's Fourier series (1971), accurate to half a minute. */
export function spencerEquationOfTime(instant: Date): number {
  const year = instant.getUTCFullYear();
  const days = (instant.getTime() - Date.UTC(year, 0, 1, 12)) / millisecondsInDay;
  // The series describes a mean year, from which the date deviates by up to a day in four years.
  const angle = (2 * Math.PI * (days - ((year % 4) - 1.5) / 4)) / 365.25;
  const minutes =
    229.18 *
    (0.000075 +
      0.001868 * Math.cos(angle) -
      0.032077 * Math.sin(angle) -
      0.014615 * Math.cos(2 * angle) -
      0.040849 * Math.sin(2 * angle));
  return minutes * 60;
}

/**
 * True solar time: UTC + 240 seconds per degree of longitude + equation of time, to be read with
 * `getUTC…`. `near` is the civil time of the place, which decides the date near the date line.
 */
export function sundialAt(instant: Date, longitude: number, near: Date): Date {
  const sun = instant.getTime() + (longitude * 240 + spencerEquationOfTime(instant)) * 1000;
  const offsetDays = Math.round((near.getTime() - sun) / millisecondsInDay);
  return new Date(sun + offsetDays * millisecondsInDay);
}

/** Sexagenary indexes of the year and month that contain an instant. */
export function yearAndMonthIndex(instant: Date): { year: number; month: number } {
  const longitude = solarLongitude(instant);
  const monthsSinceSpring = Math.floor(modulo(longitude - 315, 360) / 30);
  const calendarMonth = instant.getUTCMonth();
  // 立春 is in early February. The months before it belong to the previous year.
  const beforeSpring = calendarMonth <= 1 && monthsSinceSpring >= 10;
  const year = instant.getUTCFullYear() - (beforeSpring ? 1 : 0);
  const yearStem = modulo(year - 4, 10);
  const firstMonthStem = (yearStem % 5) * 2 + 2;
  return {
    year: modulo(year - 4, 60),
    month: pairIndex(firstMonthStem + monthsSinceSpring, 2 + monthsSinceSpring),
  };
}

/** Sexagenary index of a double hour. From 23:00 it is 子 of the next day. */
export function hourIndex(dayStem: number, hour: number): number {
  const branch = Math.floor((hour + 1) / 2) % 12;
  const stemOfDay = hour === 23 ? dayStem + 1 : dayStem;
  return pairIndex((stemOfDay % 5) * 2 + branch, branch);
}

/** Instants of the equinoxes and solstices of a year, accurate to about a minute. */
export function equinoxesAndSolstices(year: number): Date[] {
  const y = (year - 2000) / 1000;
  const means = [
    2_451_623.80984 + 365_242.37404 * y + 0.05169 * y ** 2 - 0.00411 * y ** 3 - 0.00057 * y ** 4,
    2_451_716.56767 + 365_241.62603 * y + 0.00325 * y ** 2 + 0.00888 * y ** 3 - 0.0003 * y ** 4,
    2_451_810.21715 + 365_242.01767 * y - 0.11575 * y ** 2 + 0.00337 * y ** 3 + 0.00078 * y ** 4,
    2_451_900.05952 + 365_242.74049 * y - 0.06223 * y ** 2 - 0.00823 * y ** 3 + 0.00032 * y ** 4,
  ];
  return means.map((mean) => {
    const t = (mean - 2_451_545) / 36_525;
    const w = (35_999.373 * t - 2.47) * RADIANS;
    const speed = 1 + 0.0334 * Math.cos(w) + 0.0007 * Math.cos(2 * w);
    const sum = SEASON_TERMS.reduce(
      (total, [a, b, c]) => total + a * Math.cos((b + c * t) * RADIANS),
      0,
    );
    const dayTt = mean + (0.00001 * sum) / speed;
    return new Date((dayTt - 2_440_587.5) * millisecondsInDay - deltaTSeconds(year) * 1000);
  });
}

/** Meeus, table 27.C. */
const SEASON_TERMS: readonly (readonly [number, number, number])[] = [
  [485, 324.96, 1934.136],
  [203, 337.23, 32_964.467],
  [199, 342.08, 20.186],
  [182, 27.85, 445_267.112],
  [156, 73.14, 45_036.886],
  [136, 171.52, 22_518.443],
  [77, 222.54, 65_928.934],
  [74, 296.72, 3034.906],
  [70, 243.58, 9037.513],
  [58, 119.81, 33_718.147],
  [52, 297.17, 150.678],
  [50, 21.02, 2281.226],
  [45, 247.54, 29_929.562],
  [44, 325.15, 31_555.956],
  [29, 60.93, 4443.417],
  [18, 155.12, 67_555.328],
  [17, 288.79, 4562.452],
  [16, 198.04, 62_894.029],
  [14, 199.76, 31_436.921],
  [12, 95.39, 14_577.848],
  [12, 287.11, 31_931.756],
  [12, 320.81, 34_777.259],
  [9, 227.73, 1222.114],
  [8, 15.45, 16_859.074],
];

function pairIndex(stem: number, branch: number): number {
  return modulo(6 * modulo(stem, 10) - 5 * modulo(branch, 12), 60);
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}
