import { z } from "zod";
import { LOCALES } from "@/lib/locales";
import { pageLimit } from "@/product/api";
import { NAME_MAX_LENGTH } from "../birth/fields";
import { knownZone } from "../birth/local-time";
import { findPlace } from "../gazetteer/cities";
import { SECTION_KEYS } from "../interpretation/language-texts";

const cityText = { description: "A city such as `beijing`, or its id at GeoNames." };
const longitude = z.number().min(-180).max(180);

const place = z.union([
  z.strictObject({
    city: z
      .string()
      .refine((id) => findPlace(id) !== null, { message: "No such city." })
      .meta(cityText),
  }),
  z.strictObject({
    longitude: longitude.meta({ description: "In degrees. East is positive." }),
    zone: z
      .string()
      .refine((name) => knownZone(name) !== null, { message: "No such time zone." })
      .meta({ description: "The IANA time zone of the birth time, such as `Asia/Shanghai`." }),
  }),
]);

/** The birth that a reading is for. `birth/input.ts` checks that the date, time and place fit together. */
export const newReading = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(NAME_MAX_LENGTH)
    .meta({ description: "Whose reading it is. A nickname will do." }),
  gender: z
    .enum(["male", "female"])
    .meta({ description: "Determines the direction of the luck pillars." }),
  calendar: z.enum(["solar", "lunar"]).default("solar"),
  year: z.int().min(1900).max(2100),
  month: z.int().min(1).max(12),
  day: z.int().min(1).max(31),
  leap_month: z.boolean().default(false).meta({ description: "In the lunar calendar only." }),
  time: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/)
    .nullable()
    .default(null)
    .meta({ description: "HH:mm on the local clock. Null if unknown: three pillars." }),
  place,
  true_solar_time: z
    .boolean()
    .default(true)
    .meta({ description: "Read day and hour from the sun's position instead of the clock." }),
  day_changes_at: z
    .enum(["midnight", "23:00"])
    .default("midnight")
    .meta({ description: "When the day pillar changes." }),
});

const birth = z
  .object({
    gender: z.enum(["male", "female"]),
    calendar: z.enum(["solar", "lunar"]),
    year: z.int(),
    month: z.int(),
    day: z.int(),
    leap_month: z.boolean(),
    time: z.string().nullable(),
    place: z.union([
      z.object({ city: z.string().meta(cityText) }),
      z.object({ longitude, zone: z.string() }),
    ]),
    true_solar_time: z.boolean(),
    day_changes_at: z.enum(["midnight", "23:00"]),
  })
  .meta({ id: "Birth" });

const entry = {
  id: z.uuid(),
  name: z.string(),
  created_at: z.iso.datetime(),
  birth,
  pillars: z
    .object({
      year: z.string(),
      month: z.string(),
      day: z.string(),
      hour: z.string().nullable().meta({ description: "Null if the birth time is unknown." }),
    })
    .meta({ description: "Stem and branch of each pillar, such as 庚午." }),
};

const paragraph = z
  .object({
    lead: z.string().nullable().meta({ description: "A short heading, or null." }),
    text: z.string(),
  })
  .meta({ id: "Paragraph" });

export const reading = z
  .object({
    ...entry,
    locale: z.enum(LOCALES),
    summary: z.array(paragraph),
    sections: z.array(
      z.object({
        key: z.enum(SECTION_KEYS),
        title: z.string(),
        paragraphs: z.array(paragraph),
      }),
    ),
  })
  .meta({ id: "Reading" });

export const readingsQuery = z.strictObject({
  before: z
    .string()
    .regex(/^\d{4}-\d\d-\d\dT[\d:.]+Z_[\da-f-]{36}$/)
    .optional()
    .meta({ description: "`next_before` of the page before." }),
  limit: pageLimit.meta({ description: "1 to 100. Default: 20." }),
});

export const readings = z
  .object({
    readings: z.array(z.object(entry).meta({ id: "ReadingEntry" })),
    next_before: z.string().nullable(),
  })
  .meta({ id: "Readings" });
