import type { HelpReason, StrengthLevel } from "../strength";
import type { BranchMeeting, Sentences } from "./texts";

const reasons: Record<HelpReason, string> = {
  supports: "生扶日主",
  relieves: "为日主的余力开出路",
  thin: "五行中最少",
  warms: "生于冬，需暖局",
  cools: "生于夏，需润局",
};

const meetings: Record<BranchMeeting, string> = {
  "six-combination": "相合",
  clash: "相冲",
  harm: "相害",
  punishment: "相刑",
};

const meetingAdvice: Record<BranchMeeting, string> = {
  "six-combination": "那里有事情聚拢起来",
  clash: "那里有变动，或住处，或角色，或习惯，自己先动胜过被动",
  harm: "那里小摩擦渐多，宜早说破",
  punishment: "那里旧日的模式再来一次，这回可以换个回应",
};

export const sentences: Sentences = {
  dayMaster: ({ stem, nature }) => `日干代表命主自身，为${stem}，属${nature}。`,
  support: ({ percent, level }) =>
    `全局分数之中，与日主同气或生日主的占 ${percent}%，属${level}（五行取其二，均分应为 40%）。`,
  roots: ({ count, main, of }) => {
    if (count === 0) return "日主无根：各支都不藏同类之干，力量多是借来的。";
    const depth = main === 0 ? "但都不是本气" : `其中 ${main} 处为本气`;
    return `日主在${of === 3 ? "三" : "四"}支中有 ${count} 支通根，${depth}。`;
  },
  shares: (facts) =>
    `分布为${facts.map(({ element, percent }) => `${element} ${percent}%`).join("、")}。`,
  missing: (elements) =>
    `${elements.join("、")}完全不见，既不透干，也不藏支。缺一行不等于缺一种能力，而是要靠学习、借助旁人，或等流年大运带来。`,
  helpful: (facts) =>
    `于此局有益的是${facts.map(({ element, reason }) => `${element}（${reasons[reason]}）`).join("、")}。`,
  everyday: (facts) =>
    `在日常里，${facts.map(({ element, phrase }) => `${element}是${phrase}`).join("；")}。`,
  even: () => "五行相差不多，没有哪一行独大，由季节与大运决定何者显现。",
  leadingRelation: ({ relation, percent }) => `日主之外，${relation}占 ${percent}%，居各类之首。`,
  monthGod: ({ god }) => `月支为事业之位，本气是${god}。`,
  wealth: ({ percent, level }) => wealth(percent, level),
  partnerSeat: ({ branch, god }) => `日支为夫妻宫，坐${branch}，本气是${god}。`,
  partnerStar: ({ star, gender }) =>
    `传统只知旧式婚姻，另看配偶星：${gender === "male" ? "男" : "女"}命以${star}为配偶星。`,
  luckNow: ({ pillar, from, until, age, god }) =>
    `当前大运为${pillar}，自${from}起（${age} 岁），至${until}止，运干为${god}。`,
  luckNext: ({ pillar, from, god }) => `下一步大运为${pillar}，自${from}起，运干为${god}。`,
  beforeLuck: ({ from }) => `首步大运自${from}起。在此之前，以月柱与家庭代之。`,
  afterLuck: () => "此局十步大运、一百年，已经走完。",
  notBornYet: () => "出生时间晚于本命盘的生成日期，尚无“当前”可言。",
  year: ({ year, pillar, from, until, god }) =>
    `${year}年为${pillar}年，自${from}至${until}，岁干于此局为${god}。`,
  helpfulPeriod: ({ element, helpful }) =>
    helpful
      ? `其干属${element}，正是于此局有益之五行，所来之事较易为用。`
      : `其干属${element}，不在最有益之列，所来之事宜有节制，不宜躁进。`,
  branchMeeting: ({ kind, positions, day }) => {
    const seat = day ? "（日柱为家与伴侣之位）" : "";
    return `其支与${positions.join("、")}${meetings[kind]}${seat}：${meetingAdvice[kind]}。`;
  },
  quietPeriod: () => "其支与命局各支无冲、无害、无合，这一面少有打扰。",
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

function wealth(percent: number, level: StrengthLevel): string {
  const weak = level === "weak" || level === "very-weak";
  if (percent === 0) return "财星不见。进项多由技艺、职位或学识而来，不由逐利而来。";
  if (percent < 10)
    return `财星只占其余的 ${percent}%：钱在这里是副产品而非主题，借命局其他长处而来更为顺当。`;
  if (percent >= 25 && weak)
    return `财星占其余的 ${percent}%，而日主不强，古书称“财多身弱”。经手的多，留住要靠伙伴、制度与取舍。`;
  if (percent >= 25) return `财星占其余的 ${percent}%，日主担得起：理财与管人是可用的长处。`;
  return weak
    ? `财星占其余的 ${percent}%，分量适中；日主不强，稳定的进项胜过大举投入。`
    : `财星占其余的 ${percent}%，分量适中：钱随事来，不必追逐。`;
}
