import type { PairKind } from "../../chart/interactions";
import type { PillarPosition } from "../../chart/pillars";
import { type Direction, directionOf, type Effect } from "../../chart/strength";
import type { PeriodEffect, PeriodSentences } from "../language-texts";

export const periodSentences: PeriodSentences = {
  luckNow: ({ pillar, until, ordinal }) =>
    `当前行第${numerals[ordinal - 1] ?? ""}步大运${pillar}，至${until}止。`,
  beforeLuck: ({ from }) => `首步大运自${from}起。起运之前，看月柱与家庭。`,
  afterLuck: () => "十步大运共一百年，已经走完。",
  notBornYet: () => "出生之日尚未到来，还谈不上“当前”。",
  decadeLead: ({ fromAge, untilAge, from, until, pillar }) =>
    `${fromAge}至${untilAge}岁（${from}至${until}）：${pillar}`,
  decadeBrings: ({ element, god, brings }) => `运干属${element}，为${god}，主${brings}。`,
  decadeEffect: (facts) => inTwoHalves(facts, { first: "前五年重天干", second: "后五年重地支" }),
  yearRuns: ({ from, until }) =>
    `流年以立春为界。当前这一年自${from}起，至${until}止，以北京日期为准。`,
  yearLead: ({ year, pillar, god }) => `${year}年：${pillar}，${god}`,
  yearEffect: (facts) => inTwoHalves(facts, { first: "明面上看天干", second: "暗地里看地支" }),
  periodMeets: ({ kind, met }) => {
    const { verb, brings } = periodMeetings[kind];
    const meanings = met.map(({ position }) => brings[position]).join("；");
    return `其支与${met.map(({ name }) => name).join("、")}${verb}：${meanings}。`;
  },
  periodHalf: ({ positions, element, direction }) =>
    `其支与${positions.join("、")}半合${element}局，${gathering[direction]}。`,
  periodStems: ({ positions, element, day }) =>
    `其干与${positions.join("、")}天干相合（合向${element}），${
      day ? "日主被合，心有所系，此时许下的承诺不易脱身" : "所主的人与事一时被牵住"
    }。`,
  periodTrio: ({ kind, signs, positions, withDecade, element, direction }) => {
    const partners = [...positions, ...(withDecade ? ["大运"] : [])].join("、");
    const whole = kind === "three-harmony" ? "三合" : "三会";
    return `其支与${partners}凑成${signs}${whole}${element}局，此间${element}气最盛，${gathering[direction]}。`;
  },
  quietPeriod: () => "与命局无所牵动：天干无合，地支无合、无会、无冲、无刑、无害，少有外来的变动。",
};

const periodMeetings: Record<
  PairKind | "repeat",
  { verb: string; brings: Record<PillarPosition, string> }
> = {
  "six-combination": {
    verb: "相合",
    brings: {
      year: "与家人更亲近，长辈的话更有分量",
      month: "工作上遇到同道，定下的计划能落实",
      day: "感情更亲近，也要留一点自己的空间",
      hour: "子女、学生缘分加深，或有一件迟来的事成形",
    },
  },
  clash: {
    verb: "相冲",
    brings: {
      year: "根基有动，或搬迁，或离家，或长辈有变",
      month: "事业有动，换岗或转行，主动求变胜过被动应变",
      day: "家庭与感情有动，出门走走、换个住处、把话说开，都胜过僵持",
      hour: "长远的打算有动，子女、下属或已定的事会有变化",
    },
  },
  harm: {
    verb: "相害",
    brings: {
      year: "家人之间的小委屈容易积压，宜早说开",
      month: "职场有暗中的摩擦，在人不在事",
      day: "小小的不快消磨感情，或搅扰睡眠，说出来便好",
      hour: "为子女或将来操心太多，其实不必",
    },
  },
  punishment: {
    verb: "相刑",
    brings: {
      year: "与家庭有关的旧结再现，这回不妨换个应对",
      month: "工作上老问题又来，合同与脾气都要当心",
      day: "容易苛待自己，也苛待身边人，宜宽和些",
      hour: "原有的打算要推倒重来，对晚辈、对自己都要有耐心",
    },
  },
  repeat: {
    verb: "同支",
    brings: {
      year: "家庭与出身的影响再现，好坏都有",
      month: "事业上的长处与短处都加倍显露",
      day: "如同照镜，自己的习性看得分明",
      hour: "本想留待日后的事，如今提前到来",
    },
  },
};

/** Predicates that follow the name of an element. */
const effects: Record<Effect, string> = {
  supports: "生扶日主",
  relieves: "泄日主之有余",
  thin: "补其不足",
  warms: "为寒局添暖",
  cools: "为燥局添润",
  draws: "再耗本已不足的日主",
  feeds: "再添本已有余之气",
  leads: "使最旺者更旺",
  neutral: "于平衡无大影响",
};

const gathering: Record<Direction, string> = {
  lifts: "正为此局所用",
  weighs: "却非此局所喜",
  leaves: "于此局影响平平",
};

const verdict: Record<Direction, string> = {
  lifts: "是顺势之时，宜于开创",
  weighs: "宜少揽事，缓步而行",
  leaves: "好坏多看自己经营",
};

const numerals = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十"];

/** The stem, then the branch. One combined clause if both have the same direction. */
function inTwoHalves(
  { stem, stemEffect, branch, branchEffect }: PeriodEffect,
  { first, second }: { first: string; second: string },
): string {
  const direction = directionOf(stemEffect);
  if (stem === branch) return `干支同属${stem}，${effects[stemEffect]}，${verdict[direction]}。`;
  if (direction === directionOf(branchEffect)) {
    const effect =
      stemEffect === branchEffect
        ? `干${stem}支${branch}，都${effects[stemEffect]}`
        : `干${stem}${effects[stemEffect]}，支${branch}${effects[branchEffect]}`;
    return `${effect}，${verdict[direction]}。`;
  }
  return `${first}，${stem}${effects[stemEffect]}；${second}，${branch}${effects[branchEffect]}。`;
}
