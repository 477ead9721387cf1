import { z } from "zod";
import { ELEMENTS, RELATIONS } from "./elements";
import { LIFE_STAGES } from "./life-stages";
import { PILLAR_POSITIONS } from "./pillars";
import { SOLAR_TERMS } from "./solar-terms";
import { BRANCHES, STEMS } from "./stems-and-branches";
import { HELP_REASONS, SEASON_PHASES, STRENGTH_LEVELS } from "./strength";
import { TEN_GODS } from "./ten-gods";

/**
 * Version of the stored chart. Increase it when charts stored before can no longer be read.
 */
export const CHART_EDITION = 1;

const count = z.int().min(0);
const instant = z.iso.datetime();
const date = z.iso.date();
const stem = z.enum(STEMS);
const branch = z.enum(BRANCHES);
const tenGod = z.enum(TEN_GODS);
const position = z.enum(PILLAR_POSITIONS);
const wallTime = z.object({
  year: z.int(),
  month: z.int(),
  day: z.int(),
  hour: z.int(),
  minute: z.int(),
  second: z.int(),
});

const pillar = z.object({
  stem,
  branch,
  /** Null on the day pillar: its stem is the day master. */
  tenGod: tenGod.nullable(),
  hidden: z.array(z.object({ stem, weightPercent: count, tenGod })),
  /** Nayin (纳音) of the stem-branch pair, from 0 (海中金) to 29 (大海水). */
  nayin: z.int().min(0).max(29),
  lifeStage: z.enum(LIFE_STAGES),
});

const birth = z.object({
  gender: z.enum(["male", "female"]),
  /** Local clock time; noon when the time is unknown. */
  civil: wallTime,
  timeKnown: z.boolean(),
  lunar: z.object({ year: z.int(), month: z.int(), day: z.int(), isLeapMonth: z.boolean() }),
  bornAt: instant,
  placeId: z.string().nullable(),
  longitude: z.number(),
  zone: z.string(),
  utcOffsetSeconds: z.int(),
  daylightSavingSeconds: count,
  /** The local time that the day and hour pillars are read from. */
  reckoning: z.object({
    kind: z.enum(["true-solar", "standard-clock"]),
    wall: wallTime,
    longitudeCorrectionSeconds: z.int(),
    equationOfTimeSeconds: z.int(),
  }),
  dayChangesAt: z.enum(["midnight", "23:00"]),
});

const termInstant = z.object({ term: z.enum(SOLAR_TERMS), at: instant });

const strength = z.object({
  level: z.enum(STRENGTH_LEVELS),
  supportPercent: count,
  phase: z.enum(SEASON_PHASES),
  roots: z.array(z.object({ position, isMain: z.boolean() })),
  helpful: z.array(z.object({ element: z.enum(ELEMENTS), reason: z.enum(HELP_REASONS) })),
});

const luckPillar = z.object({
  stem,
  branch,
  tenGod,
  startsOn: date,
  endsOn: date,
  startAgeYears: count,
});

const luck = z.object({
  direction: z.enum(["forward", "backward"]),
  startAge: z.object({ years: count, months: count, days: count, hours: count }),
  pillars: z.array(luckPillar),
});

/**
 * A chart as stored: keys and numbers without text, so that it can be shown in any language. It
 * contains only what follows from the birth; the current year and decade are computed when it is
 * shown. Unknown properties are dropped on reading.
 */
export const chartSchema = z.object({
  edition: z.literal(CHART_EDITION),
  birth,
  solarTerms: z.object({ previous: termInstant, next: termInstant }),
  pillars: z.object({ year: pillar, month: pillar, day: pillar, hour: pillar.nullable() }),
  balance: z.object({
    points: z.record(z.enum(ELEMENTS), count),
    percent: z.record(z.enum(ELEMENTS), count),
  }),
  tenGodPoints: z.record(tenGod, count),
  relationPercent: z.record(z.enum(RELATIONS), count),
  strength,
  luck,
  notes: z.array(
    z.enum([
      "time-unknown",
      "month-changes-that-day",
      "near-solar-term",
      "near-hour-change",
      "day-shifted",
      "late-zi-hour",
      "daylight-saving",
      "clock-put-back",
    ]),
  ),
});

export type Chart = z.output<typeof chartSchema>;
export type Pillar = Chart["pillars"]["year"];
export type LuckPillar = Chart["luck"]["pillars"][number];
export type ChartNote = Chart["notes"][number];
