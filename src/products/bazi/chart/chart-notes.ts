import { millisecondsInDay, millisecondsInMinute } from "date-fns/constants";
import type { BirthMoment } from "../birth/birth-moment";
import { isoDateOf, wallTimeOf } from "../birth/wall-time";
import type { ChartNote } from "./chart";
import type { DayChange } from "./pillars";
import { monthTermsAround } from "./solar-terms";

/** Recorded birth times are rarely more accurate than this. */
const CLOSE_MINUTES = 15;

/** The notes on the accuracy of a chart, in the order shown. */
export function chartNotes(birth: {
  moment: BirthMoment;
  timeKnown: boolean;
  dayChangesAt: DayChange;
}): ChartNote[] {
  const { moment, timeKnown } = birth;
  const notes: [ChartNote, boolean][] = [
    ["time-unknown", !timeKnown],
    ["month-changes-that-day", !timeKnown && termFallsOnBirthDay(moment)],
    ["near-solar-term", timeKnown && minutesToMonthTerm(moment.instant) <= CLOSE_MINUTES],
    ["near-hour-change", timeKnown && minutesToHourChange(moment) <= CLOSE_MINUTES],
    ["day-shifted", timeKnown && isoDateOf(moment.reckoning.wall) !== isoDateOf(moment.civil)],
    ["late-zi-hour", timeKnown && moment.reckoning.wall.hour === 23],
    ["daylight-saving", timeKnown && moment.daylightSavingSeconds > 0],
    ["clock-put-back", moment.occurredTwice],
  ];
  return notes.flatMap(([note, applies]) => (applies ? [note] : []));
}

/** Whether the year or month pillar depends on the unknown time of day. */
function termFallsOnBirthDay({ instant, civil, utcOffsetSeconds }: BirthMoment): boolean {
  const { previous, next } = monthTermsAround(instant);
  return [previous, next].some(
    ({ at }) => isoDateOf(wallTimeOf(at.getTime() + utcOffsetSeconds * 1000)) === isoDateOf(civil),
  );
}

function minutesToMonthTerm(instant: Date): number {
  const { previous, next } = monthTermsAround(instant);
  const gaps = [instant.getTime() - previous.at.getTime(), next.at.getTime() - instant.getTime()];
  return Math.min(...gaps, millisecondsInDay) / millisecondsInMinute;
}

/** Double hours begin at odd clock hours. */
function minutesToHourChange({ reckoning: { wall } }: BirthMoment): number {
  const sinceChange = ((wall.hour + 1) % 2) * 60 + wall.minute + wall.second / 60;
  return Math.min(sinceChange, 120 - sinceChange);
}
