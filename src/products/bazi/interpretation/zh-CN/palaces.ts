import type { Relation } from "../../chart/elements";
import type { TenGod } from "../../chart/ten-gods";
import type { PalaceGodTexts } from "../texts";

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
