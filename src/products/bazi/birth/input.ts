import { z } from "zod";
import { isPlainText, isVisible } from "@/lib/plain-text";
import { storableText } from "@/lib/storable-text";
import { findPlace } from "../gazetteer/cities";
import { birthWallTime, civilDateOf, coordinatesOf } from "./birth-moment";
import {
  BIRTH_FIELDS,
  type BirthField,
  type BirthProblems,
  NAME_MAX_LENGTH,
  PROBLEM_CODES,
  type ProblemCode,
} from "./fields";
import { instantsAt, knownZone, standardOffsetSecondsAt } from "./local-time";
import { lunarMonthLengthDays } from "./lunar-calendar";

const FIRST_YEAR = 1900;
const LAST_YEAR = 2100;
/** The largest real gap between solar and clock time is a little over three hours (western China). */
const MAX_SOLAR_GAP_HOURS = 4;

const placeSchema = z.discriminatedUnion(
  "kind",
  [
    z.object({
      kind: z.literal("city"),
      cityId: z
        .string({ error: "place_required" })
        .refine((id) => findPlace(id) !== null, final("place_required")),
    }),
    z.object({
      kind: z.literal("coordinates"),
      longitude: z
        .number({ error: "longitude_invalid" })
        .min(-180, final("longitude_invalid"))
        .max(180, final("longitude_invalid")),
      zone: z.string({ error: "zone_invalid" }).transform((name, context) => {
        const zone = knownZone(name);
        if (zone !== null) return zone;
        context.addIssue({ code: "custom", message: "zone_invalid" satisfies ProblemCode });
        return z.NEVER;
      }),
    }),
  ],
  { error: "place_required" },
);

/**
 * The fields of a birth, each checked on its own. Every error message is a `ProblemCode`.
 * Stored births are read back with this schema.
 */
export const birthFieldsSchema = z.object({
  name: z
    .string({ error: "name_required" })
    .overwrite(storableText)
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
  /** Ignored in the solar calendar. */
  isLeapMonth: z.boolean(),
  /** HH:mm on the local clock; null when unknown, which leaves three pillars. */
  time: z
    .string({ error: "time_invalid" })
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, final("time_invalid"))
    .nullable(),
  place: placeSchema,
  useTrueSolarTime: z.boolean(),
  /** When the day pillar changes: at midnight (晚子时) or at 23:00 (子初换日). */
  dayChangesAt: z.enum(["midnight", "23:00"]),
});

export type BirthInput = z.output<typeof birthFieldsSchema>;

/**
 * A birth that a reading can be made from. Guarantees that the date exists in its calendar, that
 * the local clock showed the time, and that the longitude fits the time zone.
 */
export const birthInputSchema = birthFieldsSchema.superRefine((birth, context) => {
  if (!isPlainText(birth.name) || !isVisible(birth.name)) {
    context.addIssue({ code: "custom", path: ["name"], message: "name_required" });
  }
  const problem = contradictionIn(birth);
  if (problem !== null) {
    context.addIssue({ code: "custom", path: [problem.field], message: problem.code });
  }
});

/** Parses a birth as a form sends it. Returns the birth or the first problem of each field. */
export function parseBirth(
  input: unknown,
): { ok: true; birth: BirthInput } | { ok: false; problems: BirthProblems } {
  const parsed = birthInputSchema.safeParse(input);
  if (parsed.success) return { ok: true, birth: parsed.data };
  const problems: BirthProblems = {};
  for (const { path, message } of parsed.error.issues) {
    problems[fieldOf(path)] ??= problemCodeOf(message);
  }
  return { ok: false, problems };
}

/** What makes the fields of a birth impossible in combination, or null. */
function contradictionIn(birth: BirthInput): { field: BirthField; code: ProblemCode } | null {
  const date = civilDateOf(birth);
  if (date === null) return missingDate(birth);
  // A lunar date can end in the Gregorian year after its own.
  if (date.year < FIRST_YEAR || date.year > LAST_YEAR) {
    return { field: "year", code: "year_out_of_range" };
  }
  const { longitude, zone } = coordinatesOf(birth.place);
  const [instant] = instantsAt(zone, birthWallTime({ date, time: birth.time }));
  if (instant === undefined) {
    return birth.time === null
      ? { field: "day", code: "day_skipped_in_zone" }
      : { field: "time", code: "time_skipped_in_zone" };
  }
  const gapHours = longitude / 15 - standardOffsetSecondsAt(zone, instant) / 3600;
  return Math.abs(gapHours - 24 * Math.round(gapHours / 24)) > MAX_SOLAR_GAP_HOURS
    ? { field: "place", code: "longitude_not_in_zone" }
    : null;
}

function missingDate(birth: BirthInput): { field: BirthField; code: ProblemCode } {
  if (birth.calendar === "solar") return { field: "day", code: "day_not_in_month" };
  return lunarMonthLengthDays(birth) === null
    ? { field: "isLeapMonth", code: "leap_month_not_in_year" }
    : { field: "day", code: "day_not_in_lunar_month" };
}

/** `["place", "longitude"]` is the field `longitude`. Any path outside the form maps to `place`. */
function fieldOf(path: readonly PropertyKey[]): BirthField {
  const last = path.at(-1);
  return BIRTH_FIELDS.find((field) => field === last) ?? "place";
}

/** Only a request that the form cannot send has another message, and becomes `field_invalid`. */
function problemCodeOf(message: string): ProblemCode {
  return PROBLEM_CODES.find((code) => code === message) ?? "field_invalid";
}

function wholeNumber({ max, error }: { max: number; error: ProblemCode }) {
  return z.int({ error }).min(1, final(error)).max(max, final(error));
}

/** Aborts on failure, so that the checks across fields run only on well-formed fields. */
function final(error: ProblemCode) {
  return { error, abort: true };
}
