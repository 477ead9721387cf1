import { type BirthMoment, birthMomentOf } from "../birth/birth-moment";
import type { BirthInput } from "../birth/input";
import { lunarDateOfCivil } from "../birth/lunar-calendar";
import { balanceOf, relationPercentOf, tenGodPointsOf, weighStems } from "./balance";
import { CHART_EDITION, type Chart } from "./chart";
import { chartNotes } from "./chart-notes";
import { lifeStageOf } from "./life-stages";
import { luckPillarsOf } from "./luck-pillars";
import { pillarsOf } from "./pillars";
import { solarTermsAround } from "./solar-terms";
import { hiddenStemsOf, type Stem, type StemBranch, sexagenaryIndexOf } from "./stems-and-branches";
import { strengthOf } from "./strength";
import { tenGodOf } from "./ten-gods";

/** Computes the chart of a validated birth. Pure: equal births give equal charts. */
export function computeChart(birth: BirthInput): Chart {
  const moment = birthMomentOf(birth);
  const timeKnown = birth.time !== null;
  const local = moment.reckoning.wall;
  const { instant, civil } = moment;
  const bare = pillarsOf({ instant, local, timeKnown, dayChangesAt: birth.dayChangesAt });
  const dayMaster = bare.day.stem;
  const weightedStems = weighStems(bare);
  const balance = balanceOf(weightedStems);
  return {
    edition: CHART_EDITION,
    birth: birthFacts(birth, moment),
    solarTerms: termsAround(instant),
    pillars: {
      year: pillar(bare.year, dayMaster),
      month: pillar(bare.month, dayMaster),
      day: { ...pillar(bare.day, dayMaster), tenGod: null },
      hour: bare.hour === null ? null : pillar(bare.hour, dayMaster),
    },
    balance,
    tenGodPoints: tenGodPointsOf(weightedStems),
    relationPercent: relationPercentOf(weightedStems),
    strength: strengthOf(bare, balance.percent),
    luck: luckPillarsOf({
      gender: birth.gender,
      instant,
      civil,
      yearStem: bare.year.stem,
      month: bare.month,
      dayMaster,
    }),
    notes: chartNotes({ moment, timeKnown, dayChangesAt: birth.dayChangesAt }),
  };
}

function birthFacts(birth: BirthInput, moment: BirthMoment): Chart["birth"] {
  return {
    gender: birth.gender,
    civil: moment.civil,
    timeKnown: birth.time !== null,
    lunar: lunarDateOfCivil(moment.date),
    bornAt: moment.instant.toISOString(),
    placeId: birth.place.kind === "city" ? birth.place.cityId : null,
    longitude: moment.longitude,
    zone: moment.zone,
    utcOffsetSeconds: moment.utcOffsetSeconds,
    daylightSavingSeconds: moment.daylightSavingSeconds,
    reckoning: moment.reckoning,
    dayChangesAt: birth.dayChangesAt,
  };
}

function pillar(pair: StemBranch, dayMaster: Stem) {
  return {
    stem: pair.stem,
    branch: pair.branch,
    tenGod: tenGodOf({ dayMaster, stem: pair.stem }),
    hidden: hiddenStemsOf(pair.branch).map(({ stem, weightPercent }) => ({
      stem,
      weightPercent,
      tenGod: tenGodOf({ dayMaster, stem }),
    })),
    nayin: Math.floor(sexagenaryIndexOf(pair) / 2),
    lifeStage: lifeStageOf({ stem: dayMaster, branch: pair.branch }),
  };
}

function termsAround(instant: Date): Chart["solarTerms"] {
  const { previous, next } = solarTermsAround(instant);
  return {
    previous: { term: previous.term, at: previous.at.toISOString() },
    next: { term: next.term, at: next.at.toISOString() },
  };
}
