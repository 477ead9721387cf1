import type { HelpReason, StrengthLevel } from "../../chart/strength";
import type { Sentences } from "../language-texts";
import { periodSentences } from "./period-sentences";

const reasons: Record<HelpReason, string> = {
  supports: "生扶日主",
  relieves: "泄日主之有余",
  thin: "五行中最弱",
  warms: "生于冬，以火暖局",
  cools: "生于夏，以水润局",
};

export const sentences: Sentences = {
  dayMaster: ({ stem, nature }) => `日干为命主自身：${stem}，属${nature}。`,
  summaryDayMaster: ({ stem, nature, level }) => `${stem}，${nature}，${level}。`,
  summaryStructure: ({ name, character }) => `${name}。${character}`,
  summaryYear: ({ named, advice }) => `${named}。${advice}`,
  support: ({ percent, level }) =>
    `全局之中，同我、生我者占${percent}%，属${level}（五行占其二，均分为40%）。`,
  roots: ({ count, main, of }) => {
    if (count === 0) return "日主无根：地支不藏同类之干，力量多赖外助。";
    const depth = main === 0 ? "但都不是本气" : `其中${main}处为本气根`;
    return `日主在${of === 3 ? "三" : "四"}支中有${count}支通根，${depth}。`;
  },
  shares: (facts) =>
    `五行占比：${facts.map(({ element, percent }) => `${element}${percent}%`).join("、")}。`,
  missing: (elements) =>
    `${elements.join("、")}全无，既不透干，也不藏支。缺一行不等于缺一种能力，只是要靠后天学习、借他人之力，或待流年大运补足。`,
  helpful: (facts) =>
    `此局喜${facts.map(({ element, reason }) => `${element}（${reasons[reason]}）`).join("、")}。`,
  everyday: (facts) =>
    `落到日常，${facts.map(({ element, phrase }) => `补${element}可以${phrase}`).join("；")}。`,
  even: () => "五行相差不多，无一独旺，何者当先要看季节与大运。",
  leadingRelation: ({ relation, percent }) => `日主之外，${relation}占${percent}%，居各类之首。`,
  monthGod: ({ god }) => `月支为事业宫，本气为${god}。`,
  wealth: ({ percent, level }) => wealth(percent, level),
  partnerSeat: ({ branch, god }) => `日支为夫妻宫，坐${branch}，本气为${god}。`,
  partnerStar: ({ star, gender }) =>
    `此外看配偶星。古法只论旧式婚姻，${gender === "male" ? "男" : "女"}命以${star}为配偶星。`,
  ...periodSentences,
  structure: ({ name, stem, element, visibleIn }) =>
    visibleIn === null
      ? `月令本气为${stem}${element}，取${name}；天干不透，格局仍在，只是藏而不显。`
      : `月令所藏${stem}${element}透于${visibleIn}天干，取${name}，格局显露在外。`,
  helpedBy: (shown) => `${godsAt(shown)}来相辅。`,
  disturbedBy: (shown) => `${godsAt(shown)}来相扰。`,
  palaceLead: ({ position, pillar, palace }) => `${position}${pillar}：${palace}`,
  palaceGod: ({ god, phrase }) => `天干为${god}：${phrase}。`,
  stage: ({ stage, phrase }) => `日主在此支为“${stage}”：${phrase}。`,
  image: ({ name, phrase }) => `纳音${name}：${phrase}。`,
  noHour: () => "时柱主晚年与子女，出生时间不详，故空着。",
  noMeetings: () =>
    "四柱各自相安：天干无合，地支无合、无冲、无刑、无害。人生各方面互不牵动，变化多由流年大运引发。",
  meetingLead: ({ kind, positions, signs }) =>
    `${kind}：${positions.map((position, place) => `${position}${signs[place] ?? ""}`).join("、")}`,
  meetingBetween: ({ between, phrase }) =>
    `${between.join(between.length > 2 ? "、" : "与")}之间，${phrase}。`,
  combination: ({ withDayMaster, bond }) =>
    `${withDayMaster ? "其中一方正是日主，心向对方，遇到相关的事便身不由己。" : ""}${combinationBond[bond]}`,
  gathers: ({ element, effect }) => `所合之气为${element}，${effect}。`,
  limits: ({ timeKnown, trueSolar, rootless }) => [
    "本文由命盘按固定规则写成，同一出生时间所得文字始终相同。文中所述，是千余年来命理传统对这类命局的归纳，并未被证实能预测未来；命盘相同的两个人，人生也各不相同。有启发之处，不妨参考；其余的，一笑置之。",
    [
      trueSolar
        ? "日柱与时柱按真太阳时排定；若按钟表时间排盘，时辰交界前后可能不同。"
        : "日柱与时柱按标准时间排定；若按真太阳时排盘，时辰交界前后可能不同。",
      timeKnown ? "" : "出生时间不详，命盘缺了时柱，强弱、五行与起运时间都只能看个大概。",
      rootless ? "日主无根之局，各派分歧最大，强弱之论仅供参考。" : "",
    ].join(""),
  ],
};

const combinationBond = {
  turns: "两干相邻，月令又助其气，依古法合而能化。",
  near: "两干相邻，月令不助其气，合而不化，只是相绊。",
  far: "两干相隔，有意而未成合。",
} as const;

function godsAt(shown: readonly { god: string; position: string }[]): string {
  return shown.map(({ god, position }) => `${position}${god}`).join("、");
}

function wealth(percent: number, level: StrengthLevel): string {
  const weak = level === "weak" || level === "very-weak";
  if (percent === 0) return "不见财星。收入多由技艺、职位或学识而来，不必专为求财。";
  if (percent < 10)
    return `日主之外，财星只占${percent}%：钱财不是此局的主线，借命局其他长处而得更为顺当。`;
  if (percent >= 25 && weak)
    return `日主之外，财星占${percent}%，而日主不强，古书称“财多身弱”。过手的钱多，要留住得靠伙伴、制度与取舍。`;
  if (percent >= 25)
    return `日主之外，财星占${percent}%，日主担得起：理财与管人是长处，宜善加发挥。`;
  return weak
    ? `日主之外，财星占${percent}%，分量适中；日主不强，稳定的收入胜过大举投资。`
    : `日主之外，财星占${percent}%，分量适中：把事做好，财自然来。`;
}
