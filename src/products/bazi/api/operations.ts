import { z } from "zod";
import { IdempotencyConflict } from "@/ledger/errors";
import { InvalidInput, NotFound } from "@/lib/errors";
import type { Locale } from "@/lib/locales";
import { type ProductApi, productOperation } from "@/product/api";
import type { BirthField } from "../birth/fields";
import { type BirthInput, parseBirth } from "../birth/input";
import type { StemBranch } from "../chart/stems-and-branches";
import { createReading } from "../create-reading";
import { ReadingDeleted, ReadingIdTaken } from "../errors";
import { interpret, summarize } from "../interpretation/interpret";
import { namesIn } from "../interpretation/names";
import { getReading, listReadings, type Reading } from "../readings";
import * as examples from "./examples";
import * as schemas from "./schemas";

const PAGE_SIZE = 20;

const postReading = productOperation({
  kind: "charge",
  operationId: "createReading",
  summary: "Create a reading",
  description:
    "Computes a chart from a birth and writes its interpretation. An impossible birth is refused and costs nothing.",
  tag: "Readings",
  input: schemas.newReading,
  result: schemas.reading,
  example: { input: examples.newReading, result: examples.reading },
  problems: [new ReadingDeleted()],
  async run({ db, userId, serviceId, id, locale, now, clock }, input) {
    const birth = parseInput(input);
    const request = { userId, readingId: id, birth, keepInProfile: false, serviceId };
    try {
      const { created } = await createReading(db, request, clock);
      return { result: await readReading(db, { userId, id, locale, now }), created };
    } catch (error) {
      throw error instanceof ReadingIdTaken ? new IdempotencyConflict(id) : error;
    }
  },
});

const getReadings = productOperation({
  kind: "list",
  operationId: "listReadings",
  summary: "List the readings, newest first",
  description: "Lists the user's readings, including those made on the site, without their text.",
  tag: "Readings",
  input: schemas.readingsQuery,
  result: schemas.readings,
  example: { result: examples.readings },
  async run({ db, userId }, { before, limit = PAGE_SIZE }) {
    const page = await listReadings(db, { userId, before, limit });
    return { readings: page.readings.map(entryOf), next_before: page.nextBefore };
  },
});

const getOneReading = productOperation({
  kind: "item",
  operationId: "getReading",
  summary: "Read a reading",
  description:
    "The text is written in the language requested, as of today: it says which decade and year are current.",
  tag: "Readings",
  input: z.strictObject({}),
  result: schemas.reading,
  example: { result: examples.reading },
  problems: [new NotFound("reading")],
  async run({ db, userId, id, locale, now }) {
    return readReading(db, { userId, id, locale, now });
  },
});

/** The readings through the API. */
export const baziApi: ProductApi = {
  "/readings": { post: postReading, get: getReadings },
  "/readings/{id}": { get: getOneReading },
};

/** @throws NotFound */
async function readReading(
  db: Parameters<typeof getReading>[0],
  { userId, id, locale, now }: { userId: string; id: string; locale: Locale; now: Date },
): Promise<z.input<typeof schemas.reading>> {
  const stored = await getReading(db, { userId, id });
  if (stored === null) throw new NotFound("reading");
  return textOf(stored, { locale, now });
}

function textOf(
  reading: Reading,
  options: { locale: Locale; now: Date },
): z.input<typeof schemas.reading> {
  return {
    ...entryOf(reading),
    locale: options.locale,
    summary: summarize(reading.chart, options),
    sections: interpret(reading.chart, options),
  };
}

function entryOf({ id, name, createdAt, birth, chart }: Reading) {
  const { year, month, day, hour } = chart.pillars;
  return {
    id,
    name,
    created_at: createdAt.toISOString(),
    birth: {
      gender: birth.gender,
      calendar: birth.calendar,
      year: birth.year,
      month: birth.month,
      day: birth.day,
      leap_month: birth.isLeapMonth,
      time: birth.time,
      place:
        birth.place.kind === "city"
          ? { city: birth.place.cityId }
          : { longitude: birth.place.longitude, zone: birth.place.zone },
      true_solar_time: birth.useTrueSolarTime,
      day_changes_at: birth.dayChangesAt,
    },
    pillars: {
      year: signsOf(year),
      month: signsOf(month),
      day: signsOf(day),
      hour: hour === null ? null : signsOf(hour),
    },
  };
}

function signsOf({ stem, branch }: StemBranch): string {
  const { stems, branches } = namesIn("zh-CN");
  return stems[stem].sign + branches[branch].sign;
}

/** @throws InvalidInput for the first field with a problem */
function parseInput(input: z.output<typeof schemas.newReading>): BirthInput {
  const { leap_month, true_solar_time, day_changes_at, place, ...fields } = input;
  const parsed = parseBirth({
    ...fields,
    isLeapMonth: leap_month,
    useTrueSolarTime: true_solar_time,
    dayChangesAt: day_changes_at,
    place:
      "city" in place ? { kind: "city", cityId: place.city } : { kind: "coordinates", ...place },
  });
  if (parsed.ok) return parsed.birth;
  const [[name, code] = []] = Object.entries(parsed.problems);
  const field = FIELDS[name as BirthField] ?? name ?? "";
  throw new InvalidInput(namesIn("en").problems[code ?? "field_invalid"], { field });
}

/** The fields that have another name in the API. */
const FIELDS: Partial<Record<BirthField, string>> = {
  isLeapMonth: "leap_month",
  useTrueSolarTime: "true_solar_time",
  dayChangesAt: "day_changes_at",
  longitude: "place.longitude",
  zone: "place.zone",
};
