import type { HelpReason, StrengthLevel } from "../../chart/strength";
import type { Sentences } from "../language-texts";
import { periodSentences } from "./period-sentences";

const reasons: Record<HelpReason, string> = {
  supports: "生扶日主",
  relieves: "为日主的余力开出路",
  thin: "五行中最少",
  warms: "生于冬，需暖局",
  cools: "生于夏，需润局",
};

export const sentences: Sentences = {
  dayMaster: ({ stem, nature }) => `日干代表命主自身，为${stem}，属${nature}。`,
  support: ({ percent, level }) =>
    `全局分数之中，与日主同气或生日主的占${percent}%，属${level}（五行取其二，均分应为40%）。`,
  roots: ({ count, main, of }) => {
    if (count === 0) return "日主无根：各支都不藏同类之干，力量多是借来的。";
    const depth = main === 0 ? "但都不是本气" : `其中${main}处为本气`;
    return `日主在${of === 3 ? "三" : "四"}支中有${count}支通根，${depth}。`;
  },
  shares: (facts) =>
    `分布为${facts.map(({ element, percent }) => `${element}${percent}%`).join("、")}。`,
  missing: (elements) =>
    `${elements.join("、")}完全不见，既不透干，也不藏支。缺一行不等于缺一种能力，而是要靠学习、借助旁人，或等流年大运带来。`,
  helpful: (facts) =>
    `于此局有益的是${facts.map(({ element, reason }) => `${element}（${reasons[reason]}）`).join("、")}。`,
  everyday: (facts) =>
    `在日常里，${facts.map(({ element, phrase }) => `${element}是${phrase}`).join("；")}。`,
  even: () => "五行相差不多，没有哪一行独大，由季节与大运决定何者显现。",
  leadingRelation: ({ relation, percent }) => `日主之外，${relation}占${percent}%，居各类之首。`,
  monthGod: ({ god }) => `月支为事业之位，本气是${god}。`,
  wealth: ({ percent, level }) => wealth(percent, level),
  partnerSeat: ({ branch, god }) => `日支为夫妻宫，坐${branch}，本气是${god}。`,
  partnerStar: ({ star, gender }) =>
    `传统只知旧式婚姻，另看配偶星：${gender === "male" ? "男" : "女"}命以${star}为配偶星。`,
  ...periodSentences,
  structure: ({ name, stem, element, visibleIn }) =>
    visibleIn === null
      ? `月令本气为${stem}${element}，取${name}；天干不透，主题仍在，只是藏在底下使力。`
      : `月令所藏${stem}${element}透于${visibleIn}天干，取${name}，此局的主题明摆在外。`,
  helpedBy: (shown) => `${godsAt(shown)}来相辅。`,
  disturbedBy: (shown) => `${godsAt(shown)}来相扰。`,
  palaceLead: ({ position, pillar, palace }) => `${position}${pillar}：${palace}`,
  palaceGod: ({ god, phrase }) => `天干为${god}：${phrase}。`,
  stage: ({ stage, phrase }) => `日主在此支为“${stage}”：${phrase}。`,
  image: ({ name, phrase }) => `纳音${name}：${phrase}。`,
  noHour: () => "时柱主晚年与子女，因出生时间不详而空着。",
  noMeetings: () =>
    "四柱各自相安：天干无合，地支无合、无冲、无刑、无害。人生各处可以分头安排，变动多由流年大运带来。",
  meetingLead: ({ kind, positions, signs }) =>
    `${kind}：${positions.map((position, place) => `${position}${signs[place] ?? ""}`).join("、")}`,
  meetingBetween: ({ between, phrase }) =>
    `${between.join(between.length > 2 ? "、" : "与")}之间，${phrase}。`,
  combination: ({ withDayMaster, bond }) =>
    `${withDayMaster ? "其中一方正是日主，因此心向着对方，遇到与之相关的事便不那么自由。" : ""}${combinationBond[bond]}`,
  gathers: ({ element, effect }) => `所合之气为${element}，${effect}。`,
  limits: ({ timeKnown, trueSolar, rootless }) => [
    "本文由命盘按固定规则写成，同一出生时间所得文字永远相同。它描述的是一个千余年的传统对这类命局的归纳，并未被证明能预言什么；同一命盘的两个人，过的是两种人生。有助于思考的，请取用；其余的，请放下。",
    [
      trueSolar
        ? "日柱与时柱以真太阳时为准；按钟表时间所排之盘，在时辰交替前后可能不同。"
        : "日柱与时柱以标准时间为准；按真太阳时所排之盘，在时辰交替前后可能不同。",
      timeKnown ? "" : "时间不详，命盘缺了四分之一，强弱、分布与起运时间都只是大概。",
      rootless ? "日主无根之局，各派分歧最大，强弱之论请存疑。" : "",
    ].join(""),
  ],
};

const combinationBond = {
  turns: "两干相邻，月令又当其气，依古法合而能化。",
  near: "两干相邻，而月令不当其气，合而不化，只是羁绊。",
  far: "两干相隔，有此意向，未成绳结。",
} as const;

function godsAt(shown: readonly { god: string; position: string }[]): string {
  return shown.map(({ god, position }) => `${position}${god}`).join("、");
}

function wealth(percent: number, level: StrengthLevel): string {
  const weak = level === "weak" || level === "very-weak";
  if (percent === 0) return "财星不见。进项多由技艺、职位或学识而来，不由逐利而来。";
  if (percent < 10)
    return `财星只占其余的${percent}%：钱在这里是副产品而非主题，借命局其他长处而来更为顺当。`;
  if (percent >= 25 && weak)
    return `财星占其余的${percent}%，而日主不强，古书称“财多身弱”。经手的多，留住要靠伙伴、制度与取舍。`;
  if (percent >= 25) return `财星占其余的${percent}%，日主担得起：理财与管人是可用的长处。`;
  return weak
    ? `财星占其余的${percent}%，分量适中；日主不强，稳定的进项胜过大举投入。`
    : `财星占其余的${percent}%，分量适中：钱随事来，不必追逐。`;
}
