import { equationOfTimeSeconds } from "./equation-of-time";
import { type WallTime, wallTimeOf } from "./wall-time";

const DAY_SECONDS = 86_400;
/** The sun takes four minutes for one degree of longitude. */
const SECONDS_PER_DEGREE = 240;

export type TrueSolarTime = {
  wall: WallTime;
  /** Local mean time less the zone's clock time; contains what daylight saving had added. */
  longitudeCorrectionSeconds: number;
  equationOfTimeSeconds: number;
};

/**
 * What a sundial at this longitude showed: UTC + 4 minutes a degree + equation of time.
 * The date is the one the zone's calendar was at: where the date line bends (Samoa, Kiribati), the
 * solar clock is taken from the same side as the civil one.
 */
export function trueSolarTimeAt(moment: {
  instant: Date;
  longitude: number;
  utcOffsetSeconds: number;
}): TrueSolarTime {
  const { instant, longitude, utcOffsetSeconds } = moment;
  const gap = longitude * SECONDS_PER_DEGREE - utcOffsetSeconds;
  const longitudeCorrectionSeconds = Math.round(gap - DAY_SECONDS * Math.round(gap / DAY_SECONDS));
  const equation = Math.round(equationOfTimeSeconds(instant));
  const aheadSeconds = utcOffsetSeconds + longitudeCorrectionSeconds + equation;
  return {
    wall: wallTimeOf(instant.getTime() + aheadSeconds * 1000),
    longitudeCorrectionSeconds,
    equationOfTimeSeconds: equation,
  };
}
