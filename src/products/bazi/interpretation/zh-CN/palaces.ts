import type { Relation } from "../../chart/elements";
import type { LifeStage } from "../../chart/life-stages";
import type { TenGod } from "../../chart/ten-gods";
import type { PalaceGodTexts } from "../language-texts";

export const palaceGodTexts: Record<TenGod, PalaceGodTexts> = {
  friend: {
    year: "家中多平辈，在兄弟姐妹之间要自己开口争取，早早学会独立",
    month: "少年时与同伴为伍，做事情愿当合伙人，不愿当下属",
    hour: "晚年有老友相伴，子女各走各路，回来时倒像朋友",
  },
  "rob-wealth": {
    year: "家里门户大开，热闹而手头时紧时松；祖上若有所留，也要与人分",
    month: "少年时有输赢也有结盟，做事得人心与做成事同样要紧",
    hour: "晚年爱热闹、肯散财，遗嘱宜早立，宜写明白",
  },
  "eating-god": {
    year: "出身衣食不缺，家里有个和气的人，口味与趣味早早养成",
    month: "成长中手艺有时间慢慢养，做事不赶最出活",
    hour: "晚来有自己经营的乐趣，与孩子相处自在",
  },
  "hurting-officer": {
    year: "家世里有才气也有叛逆：或是祖上破过例，或是自己从小破例",
    month: "少年时不服管教，做事要有自己的笔迹",
    hour: "机锋老而不钝，子女能言善辩，因为从小容他们辩",
  },
  "indirect-wealth": {
    year: "祖上多走动：经商、迁徙、父亲交游广，家道有起有落",
    month: "早早识得机会，手上常有几摊事",
    hour: "晚年有意外之得，对小辈出手大方",
  },
  "direct-wealth": {
    year: "家风谨慎，敬重做事，钱也算得清楚",
    month: "从小被教得勤快，做的是按月领酬、对得起这份酬劳的事",
    hour: "到那时若已理顺所得，晚景安稳，子女也教得务实",
  },
  "seven-killings": {
    year: "幼年有压力：长辈严厉，或时世艰难，或很早就得坚强",
    month: "少年时被要求得多，做事常有对手、有期限，也惯于扛住",
    hour: "雄心到晚不歇，子女性子强，要的是尊重，不是命令",
  },
  "direct-officer": {
    year: "家有规矩，名声要守，从小知道分寸",
    month: "少年时循规蹈矩，宜在机构里做事，举止有人看在眼里",
    hour: "名望随年岁而来，自己的原则在子女身上重现",
  },
  "indirect-resource": {
    year: "出身有些特别：隔代抚养、搬迁、信仰，或一屋子别人不读的书",
    month: "少年时内心自成天地，做事需要大段独处",
    hour: "晚年钻研一向在意的东西，与子女不必多说也能懂",
  },
  "direct-resource": {
    year: "有长辈庇护，家里重读书",
    month: "少年时受照顾、受教导，做事以学识为工具",
    hour: "晚年有书可读、有人可照料，子女遇事愿来商量",
  },
};

export const seatTexts: Record<Relation, string> = {
  companion: "日主坐下是同类：自己撑得住自己，伴侣要么平起平坐，要么不成。",
  output: "日主坐下是所生：在家中先付出，做的东西被人看在眼里，便觉得被爱。",
  wealth: "日主坐下是所克之财：会供给，会安排，只是别让关心变成管理。",
  officer: "日主坐下是克我之官：责任放在心上，亲近之中也带着要求。",
  resource: "日主坐下是生我之印：近处就有依靠，力气在家里养回来。",
};

/** The life stage of the day master in the branch of a palace. */
export const stageTexts: Record<LifeStage, string> = {
  birth: "那里的事开头容易，也总有新意",
  bath: "那里有风致，也有不安，羞怯要很晚才褪去",
  capping: "在那里早早被当作大人看待，自己却未必准备好了",
  office: "在那里立得住，不必求人",
  peak: "在那里气势最足，要记得给旁人留地方",
  decline: "在那里经验比力气管用",
  sickness: "在那里更敏感，也更需要休养",
  death: "那里安静下来，想得比做得远",
  tomb: "那里积得多、藏得住，很晚才示人",
  extinction: "那里所得不多，成什么样全凭自己",
  conception: "那里有事在酝酿，离看得见还早",
  nurture: "在那里受人照看，长得慢而好",
};

/** Images of the thirty nayin, in order from 甲子. */
export const nayinTexts: readonly string[] = [
  "价值沉在深处，打捞要费工夫",
  "火要有炉，一炉可暖一家",
  "林子太大，单棵的树不显眼",
  "人人走过，不归谁有",
  "刃口已成，要配得上的手来执",
  "远远就望见，走近却不易",
  "清水绕石，自寻去路",
  "墙能护人，因为一直有人修",
  "质地尚软，可塑成任何形状",
  "弯得多，断得少",
  "泉眼虽小，从不干涸",
  "落雨的时候，才见屋顶的用处",
  "光来得突然，照见另一番景象",
  "岁寒然后知其后凋",
  "不停，所以流得到",
  "要淘去许多沙，才见得到金",
  "傍晚的火，暖着围拢来的人",
  "旷野一树，荫人而独立",
  "一堵内墙，隔开也支撑",
  "捶得极薄，为的是让别物生辉",
  "夜里的灯，照亮一间屋",
  "天上落雨，不分彼此",
  "大道一条，供人远行",
  "平日收好，到日子才戴",
  "叶子喂蚕，终成丝绸",
  "溪面宽阔，容得下许多船",
  "土里有沙，松而易暖",
  "正午的太阳，什么也不遮",
  "木质坚实，多子",
  "百川来归，一概容纳",
];
