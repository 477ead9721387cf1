import type { InterpretationTexts } from "../language-texts";
import { nayinTexts, palaceGodTexts, seatTexts, stageTexts } from "./palaces";
import { sentences } from "./sentences";
import { structureTexts } from "./structures";
import { tenGodTexts } from "./ten-gods";

export const textsEn: InterpretationTexts = {
  titles: {
    "day-master": "The day master and its strength",
    structure: "The structure of the chart",
    pillars: "Four pillars, four palaces",
    meetings: "How the pillars meet",
    balance: "The balance of the five elements",
    work: "Work and money",
    relationships: "Relationships",
    rhythm: "Health and rhythm",
    luck: "Luck pillars, decade by decade",
    years: "This year and the next three",
    limits: "How to read this",
  },
  summary: {
    dayMaster: "Day master",
    structure: "Structure",
    helpful: "Helpful elements",
    decade: "Current decade",
    year: "This year",
  },
  stems: {
    jia: "Yang wood is a tall tree: it grows straight up and shelters whatever is beneath it. People born on this day tend to be direct, responsible and slow to bend. The difficulty is taking the long way round when the direct one is blocked.",
    yi: "Yin wood is grass and climbing vine: it finds the gap, bends in the wind and springs back. People born on this day tend to be tactful and quietly resilient. The difficulty is leaning on others for too long.",
    bing: "Yang fire is the sun: it shines on everyone alike and does nothing by halves. People born on this day tend to be warm, open and easy to notice. The difficulty is giving energy to everyone and realizing too late that you are tired.",
    ding: "Yin fire is a lamp or candle: a small flame that lights a whole room. People born on this day tend to be attentive, perceptive and loyal to a few. The difficulty is unsettled surroundings, which make it hard to concentrate.",
    wu: "Yang earth is a mountain: it stays put, and others find their way by it. People born on this day tend to be steady and trustworthy. The difficulty is stubbornness: treating as a principle what could simply change.",
    ji: "Yin earth is tilled soil: it takes things in and helps them grow. People born on this day tend to be caring, practical and patient with detail. The difficulty is taking on burdens that belong to others.",
    geng: "Yang metal is ore and the axe: hard, plain and improved by fire. People born on this day tend to be decisive and to dislike pretence. The difficulty is cutting a knot that could have been untied.",
    xin: "Yin metal is fine jewellery: small, exact and easily scratched. People born on this day tend to have precision, taste and self-respect. The difficulty is demanding perfection of yourself.",
    ren: "Yang water is a great river: broad, restless and hard to stop. People born on this day tend to be curious, wide-ranging and bold. The difficulty is trying everything and going deep in nothing.",
    gui: "Yin water is dew and fine rain: it reaches everything without force. People born on this day tend to be intuitive, subtle and considerate. The difficulty is absorbing the mood of everyone around you.",
  },
  levels: {
    "very-weak":
      "Very little supports it. Charts like this do well with a few chosen fields, good company and enough rest, and badly when they face every demand alone. Some schools treat a chart this weak as one that follows its strongest element, which reverses the advice below. If doing the opposite of this text has worked for you, that view may suit you better.",
    weak: "The demands in the chart outweigh the support. That is neither good nor bad: preparation, allies and pace simply matter more than force.",
    balanced:
      "Support and demands are nearly equal. There is no single gap to fill; the question is which of the things within reach deserve your attention.",
    strong:
      "It has more strength than it needs. Strength like this should be put to use: demanding work, rules to work within, people to look after.",
    "very-strong":
      "Almost everything in the chart supports it. The task is not to gain strength but to use it well. Some schools say that a chart this one-sided should follow its own current instead of being balanced. Keep that in mind wherever the text below advises a counterweight.",
  },
  phases: {
    prosperous: "The season is its own element, which is the strongest support there is (得令).",
    supported: "The season’s element produces it, so the month supports it (得令).",
    resting: "It produces the season’s element, so the month gently drains it.",
    confined: "It controls the season’s element, so the month costs it effort.",
    depleted: "The season’s element controls it, so the month puts pressure on it.",
  },
  elements: {
    wood: {
      heavy:
        "Wood leads: growth, planning, the drive to start things and improve them. Too much of it sprawls, and unfinished projects are the usual sign.",
      thin: "Wood is thin: starting and planning ahead may take a deliberate push, and flexibility has to be learned.",
      help: "learning something new, getting up early, walking among trees, keeping plants indoors, and writing down the next step of a plan",
      rhythmHeavy:
        "With heavy wood it is hard to sit still. Stretching, and a fixed hour when planning stops, are old and sensible advice.",
      rhythmThin:
        "With thin wood, regular exercise outdoors tends to help more than hard training.",
    },
    fire: {
      heavy:
        "Fire leads: expression, enthusiasm, the wish to be seen and to make others happy. Too much of it flares up, and promises made too quickly are the usual sign.",
      thin: "Fire is thin: showing your feelings or your work may take a deliberate push, and your warmth shows in actions before words.",
      help: "daylight, company, showing finished work to others, and having something to look forward to",
      rhythmHeavy:
        "With heavy fire, excitement and late nights come easily. Quiet evenings and fewer screens before bed are old and sensible advice.",
      rhythmThin: "With thin fire, morning light and warm meals in company tend to lift your mood.",
    },
    earth: {
      heavy:
        "Earth leads: reliability, patience, a talent for holding things together. Too much of it stagnates, and things kept too long are the usual sign.",
      thin: "Earth is thin: a routine and a fixed base may take deliberate effort, and trust comes slowly.",
      help: "regular hours, cooking, saving, a tidy place of your own, and making only the promises you can keep",
      rhythmHeavy:
        "With heavy earth it is easy to sit too long, over meals and over worries. Smaller portions and more movement are old and sensible advice.",
      rhythmThin: "With thin earth, fixed mealtimes and bedtimes matter more than they seem to.",
    },
    metal: {
      heavy:
        "Metal leads: judgement, standards, the ability to end what has run its course. Too much of it cuts, and harshness, above all towards yourself, is the usual sign.",
      thin: "Metal is thin: saying no and drawing a line may take a deliberate push, and decisions stay open too long.",
      help: "finishing things, sorting things out, making clear agreements, using good tools, and practising one skill until it is exact",
      rhythmHeavy:
        "With heavy metal it is easy to be hard on yourself. Breathing exercises and days without a to-do list are old and sensible advice.",
      rhythmThin: "With thin metal, a small evening ritual to end the day tends to help.",
    },
    water: {
      heavy:
        "Water leads: thought, memory, an intuitive grasp of things. Too much of it floods, and thinking in circles at night is the usual sign.",
      thin: "Water is thin: resting and waiting may take deliberate effort, and reflection comes after the fact.",
      help: "sleeping enough, reading, spending time near water, travelling, and sleeping on a decision",
      rhythmHeavy:
        "With heavy water it is easy to withdraw. Warmth, daylight and a reason to leave the house are old and sensible advice.",
      rhythmThin:
        "With thin water, enough sleep and real breaks tend to help more than extra effort.",
    },
  },
  seasons: {
    spring:
      "Born in spring, when wood rules and everything sprouts. Starting comes naturally; set a date for finishing, too.",
    summer:
      "Born in summer, when fire rules and everything flourishes. There is plenty of warmth; the tradition would add shade, water and sleep.",
    autumn:
      "Born in autumn, when metal rules and everything is gathered in. Decisions come naturally; leave room for what is not yet ripe.",
    winter:
      "Born in winter, when water rules and everything lies dormant. Depth comes naturally; the tradition would add light, movement and company.",
  },
  relations: {
    companion:
      "Companions are your equals: siblings, colleagues, competitors. With this many, you work best shoulder to shoulder or on your own, where standing is earned. Money tends to come and go; written agreements save friendships.",
    output:
      "Output is what you make and say: skill, ideas, performance, teaching. With this much, the work itself earns recognition, and boredom is the real risk. Money follows finished work, so finish before you start the next thing.",
    wealth:
      "Wealth is what you manage: money, goods, time, practical results. With this much, you have a natural eye for value and always more to do than time to do it. The useful question is not how to get more but what to let go.",
    officer:
      "Authority is what constrains you: rules, office, deadlines, responsibility. With this much, structure is familiar and pressure feels normal, sometimes too normal. Positions of trust suit you; so does checking now and then which duties are really yours.",
    resource:
      "Resource is what nourishes you: learning, reputation, teachers, protection. With this much, you understand first and act later, and good work is long in preparation. Money follows knowledge, but only once you put it to use.",
  },
  tenGods: tenGodTexts,
  structures: structureTexts,
  palaces: {
    year: "origins",
    month: "upbringing and work",
    day: "self and partner",
    hour: "later life and children",
  },
  realms: {
    year: "origins",
    month: "working life",
    day: "partnership",
    hour: "later life",
  },
  palaceGods: palaceGodTexts,
  seats: seatTexts,
  stages: stageTexts,
  nayin: nayinTexts,
  meetings: {
    "stem-combination": "are openly drawn to each other",
    "six-combination":
      "are bound together quietly and by habit; what is settled between them is hard to undo",
    "three-harmony": "pull in one direction, whatever each was on its own",
    "three-meeting": "complete a whole season, the closest bond there is",
    "half-harmony":
      "lean towards each other and form half a bond, which a year or decade can complete",
    clash:
      "oppose each other: when one advances the other retreats, and change starts with the one that gives way first",
    harm: "quietly undermine each other: what helps one tends to cost the other a little",
    punishment: "repeat the same friction until it is handled differently",
  },
  effects: {
    supports: "it supports the day master, which is what this chart needs",
    relieves: "it gives the day master’s strength an outlet",
    thin: "it adds to the thinnest element",
    warms: "it warms a chart born in the cold",
    cools: "it cools a chart born in the heat",
    draws: "it drains a day master with little to spare",
    feeds: "it adds to what is already plentiful",
    leads: "it adds to what already leads",
    neutral: "it does not change the balance",
  },
  seat: {
    "six-combination":
      "It combines with another pillar of the chart: you value closeness and hold on to it. The habit to watch is leaving things unsaid to keep the peace.",
    clash:
      "It clashes with another pillar of the chart: home and partnership change more often than most. A little distance, travel, or separate rooms to work in have kept many such couples fond of each other.",
    harm: "It is in harm with another pillar of the chart: disagreements tend to be small and to come from relatives, habits or old sensitivities. They are best named early.",
    punishment:
      "It is in punishment with another pillar of the chart: the same quarrel keeps returning in a new form. A change of scene often helps more than winning the argument.",
    quiet: "No other pillar of the chart disturbs it.",
  },
  partnerStar: {
    none: "It does not appear in the chart, not even hidden. The tradition does not take this to mean solitude. It means that partnership follows no schedule: it comes through work, friends or a move rather than by searching.",
    some: "It is moderately present: partnership has its place without taking over.",
    many: "It is strongly present: there is attraction, and there are entanglements. Choosing matters more than finding.",
  },
  sentences,
};
