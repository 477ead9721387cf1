import type { Relation } from "../../chart/elements";
import type { LifeStage } from "../../chart/life-stages";
import type { TenGod } from "../../chart/ten-gods";
import type { PalaceGodTexts } from "../language-texts";

export const palaceGodTexts: Record<TenGod, PalaceGodTexts> = {
  friend: {
    year: "家中同辈多，凡事要自己开口争取，很早学会独立",
    month: "少年时多与同伴为伍，做事宁当合伙人，不当下属",
    hour: "晚年有老友相伴，子女各有各的路，相处如朋友",
  },
  "rob-wealth": {
    year: "家里人来人往，热闹而手头时紧时松；祖上若有遗产，也要与人分",
    month: "少年时好胜也重义气，做事得人心与做成事同样要紧",
    hour: "晚年爱热闹、肯花钱，遗嘱宜早立，写明白",
  },
  "eating-god": {
    year: "出身衣食无忧，家中有和气的长辈，很早养成自己的品味",
    month: "成长环境宽松，手艺能慢慢练，做事从容最出成绩",
    hour: "晚年自得其乐，与孩子相处自在",
  },
  "hurting-officer": {
    year: "家中有才气也有叛逆：或祖上破过例，或自己从小不守成规",
    month: "少年时不服管教，做事要有自己的风格",
    hour: "老来依旧机敏，子女能言善辩，因为从小容他们争辩",
  },
  "indirect-wealth": {
    year: "祖上多走动：经商、迁徙、父亲交游广，家道有起有落",
    month: "早早识得机会，手上常有几摊事",
    hour: "晚年有意外之得，对小辈出手大方",
  },
  "direct-wealth": {
    year: "家风勤谨，敬重劳动，账算得清楚",
    month: "从小养成勤快，工作踏实，对得起每月的薪水",
    hour: "若早早理好家业，晚景安稳，子女也务实",
  },
  "seven-killings": {
    year: "幼年有压力：长辈严厉，或家境艰难，或很早就要坚强",
    month: "少年时要求严，做事常有对手、有期限，也惯于扛住",
    hour: "雄心到老不减，子女性子强，要尊重，不要命令",
  },
  "direct-officer": {
    year: "家教严，重名声，从小知道分寸",
    month: "少年时循规蹈矩，宜在体制内做事，言行有人看在眼里",
    hour: "名望随年岁而来，自己的原则也传给了子女",
  },
  "indirect-resource": {
    year: "出身有些特别：隔代抚养、搬迁、信仰，或满屋旁人不读的书",
    month: "少年时内心自成天地，做事需要大段独处的时间",
    hour: "晚年钻研一生的兴趣，与子女不必多说也能懂",
  },
  "direct-resource": {
    year: "有长辈庇护，家里重读书",
    month: "少年时受照顾、受教导，做事以学识为工具",
    hour: "晚年有书可读、有人可照料，子女遇事愿来商量",
  },
};

export const seatTexts: Record<Relation, string> = {
  companion: "日主坐比劫：自己立得住，伴侣要平起平坐才行。",
  output: "日主坐食伤：在家中乐于付出，心血被人看见，便觉得被爱。",
  wealth: "日主坐财：会养家，会安排，只是别让关心变成管束。",
  officer: "日主坐官杀：责任放在心上，亲近之中也带着要求。",
  resource: "日主坐印：身边就有依靠，家是养精蓄锐的地方。",
};

/** The life stage of the day master in the branch of a palace. */
export const stageTexts: Record<LifeStage, string> = {
  birth: "这方面起步容易，常有新意",
  bath: "这方面有魅力，也有不安，羞怯褪得晚",
  capping: "这方面早早被委以重任，自己却未必准备好",
  office: "这方面立得住，不必求人",
  peak: "这方面气势最盛，要记得给旁人留余地",
  decline: "这方面经验比力气管用",
  sickness: "这方面比较敏感，也更需要休养",
  death: "这方面沉静，想得多，做得少",
  tomb: "这方面积累多、藏得深，大器晚成",
  extinction: "这方面天赋的条件不多，全凭自己打拼",
  conception: "这方面正在酝酿，离成形还早",
  nurture: "这方面有人照拂，成长慢而稳",
};

/** Images of the thirty nayin, in order from 甲子. */
export const nayinTexts: readonly string[] = [
  "宝藏深海，取之不易",
  "炉中之火，可暖一家",
  "林深木茂，一棵树不显眼",
  "人人可走，不归谁有",
  "利刃已成，须遇识者",
  "远处可见，近之不易",
  "清水绕石，自寻其路",
  "城墙能护人，因有人常修",
  "质地尚软，可塑可造",
  "枝条柔韧，弯而不断",
  "泉眼虽小，终年不涸",
  "遮风挡雨，雨天方见其用",
  "光来得急，照见另一番天地",
  "岁寒然后知其后凋",
  "长流不止，终归大海",
  "淘尽黄沙，始见真金",
  "傍晚之火，暖围坐之人",
  "旷野一树，独立而荫人",
  "室内之墙，分隔也支撑",
  "捶成薄箔，为他物增辉",
  "夜里明灯，照亮一室",
  "天降雨露，不分彼此",
  "通途大道，载人远行",
  "平日珍藏，佳日方戴",
  "以叶饲蚕，终成锦缎",
  "溪水宽阔，能行众舟",
  "土中有沙，松软易暖",
  "正午之日，无所不照",
  "木质坚实，果实累累",
  "海纳百川",
];
