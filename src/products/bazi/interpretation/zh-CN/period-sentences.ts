import type { PairKind } from "../../chart/interactions";
import type { PillarPosition } from "../../chart/pillars";
import { type Direction, directionOf, type Effect } from "../../chart/strength";
import type { PeriodEffect, PeriodSentences } from "../language-texts";

export const periodSentences: PeriodSentences = {
  luckNow: ({ pillar, until, ordinal }) =>
    `当前行第${numerals[ordinal - 1] ?? ""}步大运${pillar}，至${until}止。`,
  beforeLuck: ({ from }) => `首步大运自${from}起。在此之前，以月柱与家庭代之。`,
  afterLuck: () => "此局十步大运、一百年，已经走完。",
  notBornYet: () => "出生之日尚在将来，还谈不上“当前”。",
  decadeLead: ({ fromAge, untilAge, from, until, pillar }) =>
    `${fromAge}至${untilAge}岁（${from}至${until}）：${pillar}`,
  decadeBrings: ({ element, god, brings }) => `运干属${element}，为${god}，带来${brings}。`,
  decadeEffect: (facts) => inTwoHalves(facts, { first: "前五年重天干", second: "后五年重地支" }),
  yearRuns: ({ from, until }) =>
    `流年以立春为界。当前这一年自${from}起，至${until}止，以北京日期为准。`,
  yearLead: ({ year, pillar, god }) => `${year}年：${pillar}，${god}`,
  yearEffect: (facts) => inTwoHalves(facts, { first: "面上看天干", second: "底下看地支" }),
  periodMeets: ({ kind, met }) => {
    const { verb, brings } = periodMeetings[kind];
    const meanings = met.map(({ position }) => brings[position]).join("；");
    return `其支与${met.map(({ name }) => name).join("、")}${verb}：${meanings}。`;
  },
  periodHalf: ({ positions, element, direction }) =>
    `其支与${positions.join("、")}半合${element}局，${gathering[direction]}。`,
  periodStems: ({ positions, element, day }) =>
    `其干与${positions.join("、")}天干相合（合向${element}），${
      day ? "日主为外物所动，此时许下的，便是绑定的" : "那里的人与事一时另有牵挂"
    }。`,
  periodTrio: ({ kind, signs, positions, withDecade, element, direction }) => {
    const partners = [...positions, ...(withDecade ? ["大运"] : [])].join("、");
    const whole = kind === "three-harmony" ? "三合" : "三会";
    return `其支与${partners}凑成${signs}${whole}${element}局，这段时间里以${element}的力量最大，${gathering[direction]}。`;
  },
  quietPeriod: () =>
    "它与命局无所牵动：天干无合，地支无合、无会、无冲、无刑、无害，这一面少有打扰。",
};

const periodMeetings: Record<
  PairKind | "repeat",
  { verb: string; brings: Record<PillarPosition, string> }
> = {
  "six-combination": {
    verb: "相合",
    brings: {
      year: "与家里走得更近，长辈的话分量加重",
      month: "做事遇到同道，说定的计划能守住",
      day: "求亲近而得亲近，其中也留一间自己的屋子",
      hour: "子女、学生或一件晚来的事渐渐靠拢",
    },
  },
  clash: {
    verb: "相冲",
    brings: {
      year: "根基要动，或搬迁，或离家，或长辈有变",
      month: "事业要动，换岗或转向，自己先动胜过被推着动",
      day: "家里要动，出门走走、换个住处、把话说开，都胜过原地僵着",
      hour: "往后的打算要动，子女、下属或以为已定的事会有变化",
    },
  },
  harm: {
    verb: "相害",
    brings: {
      year: "家里的小委屈会积起来，宜早说破",
      month: "职场的摩擦从旁而来，在人不在事",
      day: "细小的不快磨着感情，或磨着自己的睡眠，说出来便好",
      hour: "为子女或将来操的小心思，占去的地方比应得的多",
    },
  },
  punishment: {
    verb: "相刑",
    brings: {
      year: "与出身有关的旧结再现，这回可以换个回应",
      month: "同样的麻烦换件衣裳又来，合同与脾气都要当心",
      day: "最容易苛待自己，也苛待最近的人，宜放轻些",
      hour: "一件打算推倒重来，对晚辈、对自己都要有耐心",
    },
  },
  repeat: {
    verb: "同支",
    brings: {
      year: "来处的种种再度现前，好的坏的都在",
      month: "事业上的主题加倍而来",
      day: "如同照镜，习性看得分明",
      hour: "原本留给以后的事，现在就来要它的一份",
    },
  },
};

/** Predicates that follow the name of an element. */
const effects: Record<Effect, string> = {
  supports: "生扶日主",
  relieves: "为日主的余力开出路",
  thin: "补上最少的一行",
  warms: "给寒局添暖",
  cools: "给燥局添润",
  draws: "耗去本已不足的日主",
  feeds: "让本已充足的更满",
  leads: "让已居首的更重",
  neutral: "于平衡无大影响",
};

const gathering: Record<Direction, string> = {
  lifts: "正为此局所用",
  weighs: "却非此局所需",
  leaves: "此局受之平稳",
};

const verdict: Record<Direction, string> = {
  lifts: "是有托举的时候，宜于开创",
  weighs: "宜少揽事，缓着走",
  leaves: "好坏多由自己经营",
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
