/** What can be wrong with a birth: keys of the messages `bazi.problems`. */
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

/** The code that a schema's message is; whatever a form cannot send by itself is `field_invalid`. */
export function problemCodeOf(message: string): ProblemCode {
  return PROBLEM_CODES.find((code) => code === message) ?? "field_invalid";
}
