import { z } from "zod";
import { birthProblems } from "./birth-problems";
import { isKnownZone } from "./local-time";
import { NAME_MAX_LENGTH } from "./name-length";
import { PLACE_IDS } from "./places";
import type { ProblemCode } from "./problem-codes";

export const FIRST_YEAR = 1900;
export const LAST_YEAR = 2100;

const placeSchema = z.discriminatedUnion(
  "kind",
  [
    z.object({ kind: z.literal("city"), cityId: z.enum(PLACE_IDS, { error: "place_required" }) }),
    z.object({
      kind: z.literal("coordinates"),
      longitude: z
        .number({ error: "longitude_invalid" })
        .min(-180, final("longitude_invalid"))
        .max(180, final("longitude_invalid")),
      zone: z.string({ error: "zone_invalid" }).refine(isKnownZone, final("zone_invalid")),
    }),
  ],
  { error: "place_required" },
);

/**
 * The fields of a birth, each well formed by itself. Every message is a code, the key of a sentence
 * in the messages (`bazi.problems.<code>`). What was stored is read back with this.
 */
export const birthFieldsSchema = z.object({
  name: z
    .string({ error: "name_required" })
    .trim()
    .min(1, final("name_required"))
    .max(NAME_MAX_LENGTH, final("name_too_long")),
  gender: z.enum(["male", "female"], { error: "gender_required" }),
  calendar: z.enum(["solar", "lunar"], { error: "calendar_required" }),
  year: z
    .int({ error: "year_out_of_range" })
    .min(FIRST_YEAR, final("year_out_of_range"))
    .max(LAST_YEAR, final("year_out_of_range")),
  month: wholeNumber({ max: 12, error: "month_invalid" }),
  day: wholeNumber({ max: 31, error: "day_invalid" }),
  /** Counts only in the lunar calendar. */
  isLeapMonth: z.boolean(),
  /** HH:mm on the clock of the place; null when nobody knows it, which leaves three pillars. */
  time: z
    .string({ error: "time_invalid" })
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, final("time_invalid"))
    .nullable(),
  place: placeSchema,
  useTrueSolarTime: z.boolean(),
  /** When the day pillar changes: at midnight (晚子时) or already at 23:00 (子初换日). */
  dayChangesAt: z.enum(["midnight", "23:00"]),
});

/**
 * The birth that a reading is made from. What passes exists: the date is in its calendar, the lunar
 * month is as long as the day needs, the clocks of the place showed the time.
 */
export const birthInputSchema = birthFieldsSchema.superRefine((birth, context) => {
  for (const { field, code } of birthProblems(birth)) {
    context.addIssue({ code: "custom", path: [field], message: code });
  }
});

export type BirthInput = z.output<typeof birthInputSchema>;

function wholeNumber({ max, error }: { max: number; error: ProblemCode }) {
  return z.int({ error }).min(1, final(error)).max(max, final(error));
}

/** A field that fails its own check keeps the checks across fields from running on it. */
function final(error: ProblemCode) {
  return { error, abort: true };
}
