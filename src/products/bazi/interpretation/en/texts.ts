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
    luck: "Decade by decade",
    years: "This year and the next three",
    limits: "How far this goes",
  },
  stems: {
    jia: "The image is a tall tree: it grows one way, upwards, and shelters what stands below. In people this reads as directness, a sense of duty and slowness to bend; the strain comes when circumstances ask for a detour.",
    yi: "The image is grass and climbing vine: it finds the gap, bends in the wind and comes up again. In people this reads as tact and stamina of a quiet kind; the strain comes from leaning on others’ frames for too long.",
    bing: "The image is the sun: it shines on everything alike and cannot do it by halves. In people this reads as warmth, openness and presence; the strain comes from burning for everyone and noticing late that the day is over.",
    ding: "The image is lamp and candle: a small flame that makes one room clear. In people this reads as attention, insight and loyalty to a few; the strain comes from draughts, that is, from surroundings that never settle.",
    wu: "The image is the mountain: it stays where it is and others find their way by it. In people this reads as steadiness and trustworthiness; the strain comes when what needs to move has been made into a principle.",
    ji: "The image is tilled soil: it takes things in and lets them grow. In people this reads as care, practicality and patience with detail; the strain comes from carrying what others were meant to carry.",
    geng: "The image is ore and the axe: hard, plain, made better by fire. In people this reads as decisiveness and a dislike of pretence; the strain comes from cutting where loosening would have been enough.",
    xin: "The image is worked metal, the needle or the jewel: small, exact, sensitive to a scratch. In people this reads as precision, taste and self-respect; the strain comes from measuring oneself against perfection.",
    ren: "The image is the great river: broad, moving, hard to hold. In people this reads as range, curiosity and courage in the unknown; the strain comes from flowing everywhere and deepening nowhere.",
    gui: "The image is dew and fine rain: it reaches everything without force. In people this reads as intuition, subtlety and thoughtfulness; the strain comes from taking on the mood of whatever it touches.",
  },
  levels: {
    "very-weak":
      "It is carried by little. Such charts do well by choosing few fields, good company and enough rest, and poorly by meeting every demand alone. Some schools read a chart this weak as one that follows its strongest element, with the advice below reversed; if the opposite of what is written here has served you well, that reading may fit better.",
    weak: "The demands in the chart outweigh what carries it. This is neither good nor bad: it says that preparation, allies and pace matter more than force.",
    balanced:
      "What carries it and what draws on it are near each other. There is no single lack to repair; the question is rather which of the things within reach deserve the attention.",
    strong:
      "It has more behind it than it needs for itself. Strength of this kind wants something to do: work that uses it up, rules that give it form, people it can provide for.",
    "very-strong":
      "Almost everything in the chart feeds it. The task is less to gain strength than to spend it well. Some schools read so one-sided a chart as one that should follow its own current rather than be balanced; keep that in mind where the advice below asks for a counterweight.",
  },
  phases: {
    prosperous: "The season is its own element, the strongest support there is (得令).",
    supported: "The season’s element produces it, so the month is on its side (得令).",
    resting: "The season is the element that it produces: the month takes from it gently.",
    confined: "The season is the element that it controls: the month asks for effort.",
    depleted: "The season’s element controls it: the month presses on it.",
  },
  elements: {
    wood: {
      heavy:
        "Wood leads: growth, plans, a drive to begin and to improve. What leads is also what overgrows; unfinished projects are the sign of it.",
      thin: "Wood is thin: starting and planning ahead may take a deliberate push, and flexibility is learned rather than given.",
      help: "learning something new, early hours, walking among trees, plants in the room, and plans with a next step written down",
      rhythmHeavy:
        "With heavy wood the pull is towards always being on the way. Stretching, and a fixed hour at which planning stops, are old and sensible counsel.",
      rhythmThin:
        "With thin wood, regular movement in the open tends to do more than hard training.",
    },
    fire: {
      heavy:
        "Fire leads: expression, enthusiasm, a wish to be seen and to see others glad. What leads is also what flares; quick promises are the sign of it.",
      thin: "Fire is thin: showing what one feels or has done may take a deliberate push, and warmth is shown in deeds before words.",
      help: "daylight, company, showing finished work to others, and an occasion to look forward to",
      rhythmHeavy:
        "With heavy fire the pull is towards excitement and late hours. Quiet evenings and less to look at before sleep are old and sensible counsel.",
      rhythmThin: "With thin fire, morning light and warm meals in company tend to lift the day.",
    },
    earth: {
      heavy:
        "Earth leads: reliability, patience, a talent for keeping things together. What leads is also what silts up; things kept too long are the sign of it.",
      thin: "Earth is thin: routine and a fixed base may take a deliberate effort, and trust is given slowly.",
      help: "regular hours, cooking, saving, a tidy place of one’s own, and promises few enough to keep",
      rhythmHeavy:
        "With heavy earth the pull is towards sitting with things, worries and meals included. Shorter rounds and more movement are old and sensible counsel.",
      rhythmThin: "With thin earth, fixed mealtimes and bedtimes carry more than they seem to.",
    },
    metal: {
      heavy:
        "Metal leads: judgement, standards, the ability to end what has run its course. What leads is also what cuts; severity, first with oneself, is the sign of it.",
      thin: "Metal is thin: saying no and drawing a line may take a deliberate push, and decisions stay open longer than is comfortable.",
      help: "finishing, sorting out, clear agreements, good tools, and practising one skill until it is exact",
      rhythmHeavy:
        "With heavy metal the pull is towards holding oneself to account. Breathing exercises and days without a list are old and sensible counsel.",
      rhythmThin: "With thin metal, an evening ritual that closes the day tends to help.",
    },
    water: {
      heavy:
        "Water leads: thought, memory, feeling one’s way into things. What leads is also what floods; thinking in circles at night is the sign of it.",
      thin: "Water is thin: resting and waiting may take a deliberate effort, and reflection comes after the deed.",
      help: "sleep, reading, time near water, travel, and leaving a question open for a night",
      rhythmHeavy:
        "With heavy water the pull is towards withdrawing. Warmth, daylight and an appointment outside the house are old and sensible counsel.",
      rhythmThin: "With thin water, enough sleep and real pauses tend to do more than any effort.",
    },
  },
  seasons: {
    spring:
      "The birth is in spring, when wood is in command and things start. Beginnings come naturally; give endings a date.",
    summer:
      "The birth is in summer, when fire is in command and everything is visible. Warmth is plentiful; shade, water and sleep are what the tradition would add.",
    autumn:
      "The birth is in autumn, when metal is in command and things are sorted and cut back. Clarity comes naturally; leave room for what is not yet ripe.",
    winter:
      "The birth is in winter, when water is in command and things rest under cover. Depth comes naturally; light, movement and company are what the tradition would add.",
  },
  relations: {
    companion:
      "Companions are one’s equals: siblings, colleagues, competitors. With so much of them, work goes best shoulder to shoulder or independently, where standing is earned and not granted. Money tends to pass through many hands; written agreements among friends save friendships.",
    output:
      "Output is what one makes and says: skill, ideas, performance, teaching. With so much of it, recognition comes from the work itself and boredom is the real risk. Money follows what has been finished, so it pays to finish before starting anew.",
    wealth:
      "Wealth is what one manages: money, goods, time, practical results. With so much of it, an eye for what is worth something comes naturally and there is always more to handle than hands. The useful question is not how to get more, but what to put down.",
    officer:
      "Authority is what binds: rules, office, deadlines, responsibility. With so much of it, structure is familiar and pressure is normal, sometimes too normal. Positions of trust suit; so does checking now and then which duties are really yours.",
    resource:
      "Resource is what feeds: learning, reputation, teachers, protection. With so much of it, understanding comes before acting and good work is often prepared for a long time. Money follows knowledge; the thing to practise is letting it out of the drawer.",
  },
  tenGods: tenGodTexts,
  structures: structureTexts,
  palaces: {
    year: "origins",
    month: "work and upbringing",
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
      "hold together, quietly and by habit; what is settled between them is hard to undo",
    "three-harmony": "pull in one direction, whatever each was before",
    "three-meeting": "fill a whole season between them, the densest bond there is",
    "half-harmony": "lean towards one another and make a bond that a year or decade can complete",
    clash:
      "stand opposite each other: what one builds the other moves, and change comes through whichever gives way first",
    harm: "get in each other’s way from the side: what helps one tends to cost the other something small",
    punishment: "repeat a strain between them until it is answered in another way",
  },
  effects: {
    supports: "it carries the day master, which is what this chart asks for",
    relieves: "it gives the day master’s strength somewhere to go",
    thin: "it fills what is thinnest here",
    warms: "it warms a chart born in the cold",
    cools: "it moistens a chart born in the heat",
    draws: "it draws on a day master that has little to spare",
    feeds: "it feeds what is plentiful already",
    leads: "it adds to what already leads",
    neutral: "it neither mends nor upsets the balance",
  },
  seat: {
    "six-combination":
      "It is bound to another pillar of the chart by a combination: closeness is sought and held on to, and leaving things unsaid in order to keep the peace is the habit to watch.",
    clash:
      "It is in clash with another pillar of the chart: home and partnership change shape more often than the average. Distance, travel or separate rooms for separate work have kept many such households fond of each other.",
    harm: "It stands in harm with another pillar of the chart: the disturbances tend to be small and to come from the side, through relatives, habits or old sensitivities, and are best named early.",
    punishment:
      "It stands in punishment with another pillar of the chart: the same quarrel can come round again in new clothes. Changing the setting often does more than winning the argument.",
    quiet: "Nothing else in the chart disturbs it.",
  },
  partnerStar: {
    none: "It does not appear in the chart, not even hidden. The tradition does not read this as solitude, but as partnership that is no fixed programme: it arrives through work, friendship or place rather than by being sought.",
    some: "It is present in measure: partnership has a place in the chart without taking it over.",
    many: "It is present in quantity: there is attraction and there are claims, and choosing matters more than finding.",
  },
  sentences,
};
