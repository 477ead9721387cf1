/** What the browser form and the server share about a birth. Imports nothing, so the form stays small. */

/** Length of the name of the person that a reading is for, in UTF-16 code units as a form counts them. */
export const NAME_MAX_LENGTH = 60;

export const BIRTH_FIELDS = [
  "name",
  "gender",
  "calendar",
  "year",
  "month",
  "day",
  "isLeapMonth",
  "time",
  "place",
  "longitude",
  "zone",
  "useTrueSolarTime",
  "dayChangesAt",
] as const;
export type BirthField = (typeof BIRTH_FIELDS)[number];

/** Reasons to reject a birth. Each is a key of the `bazi.problems` messages. */
export const PROBLEM_CODES = [
  "name_required",
  "name_too_long",
  "gender_required",
  "calendar_required",
  "year_out_of_range",
  "month_invalid",
  "day_invalid",
  "day_not_in_month",
  "day_not_in_lunar_month",
  "leap_month_not_in_year",
  "day_skipped_in_zone",
  "time_invalid",
  "time_skipped_in_zone",
  "place_required",
  "longitude_invalid",
  "zone_invalid",
  "longitude_not_in_zone",
  "field_invalid",
] as const;
export type ProblemCode = (typeof PROBLEM_CODES)[number];

/** The first problem of each field that has one. */
export type BirthProblems = Partial<Record<BirthField, ProblemCode>>;
