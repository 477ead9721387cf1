import type { Relation } from "../../chart/elements";
import type { LifeStage } from "../../chart/life-stages";
import type { TenGod } from "../../chart/ten-gods";
import type { PalaceGodTexts } from "../language-texts";

export const palaceGodTexts: Record<TenGod, PalaceGodTexts> = {
  friend: {
    year: "a family of equals, in which one had to speak up among siblings or cousins and learned early to stand alone",
    month:
      "a youth spent among peers, and a working life in which one would rather be a partner than a subordinate",
    hour: "later years shared with friends, and children who go their own way and come back as companions",
  },
  "rob-wealth": {
    year: "a lively house with open doors and an uneven purse; what was inherited, if anything, had to be divided",
    month:
      "a youth of contests and alliances, and work in which winning people over counts as much as the task",
    hour: "a sociable old age that gives readily; the will is better written early and plainly",
  },
  "eating-god": {
    year: "origins with enough to eat and someone who was kind; a taste formed early",
    month: "an upbringing that let skills ripen, and work that goes best unhurried",
    hour: "late years with a pleasure of one’s own making, and an easy way with children",
  },
  "hurting-officer": {
    year: "origins with talent and contradiction in them: a family that broke with a custom, or a child that did",
    month: "a youth impatient with teachers, and work in which one’s own handwriting is the point",
    hour: "wit that does not age, and children who argue well because they were allowed to",
  },
  "indirect-wealth": {
    year: "origins on the move: trade, travel, a father of many acquaintances, fortunes that changed",
    month: "an early eye for opportunity, and work with several irons in the fire",
    hour: "gains that arrive late and from the side, and a generous hand towards the young",
  },
  "direct-wealth": {
    year: "a careful house in which work was respected and money counted",
    month: "an upbringing towards diligence, and work that is paid by the month and deserves it",
    hour: "a secure later life, if what was earned has been put in order by then, and children brought up to be practical",
  },
  "seven-killings": {
    year: "origins under pressure: strict elders, hard times or an early need to be strong",
    month: "a demanding youth, and work that comes with rivals, deadlines and the habit of coping",
    hour: "ambition that stays awake late, and strong-willed children who need respect more than orders",
  },
  "direct-officer": {
    year: "a house with rules and a name to keep, and an early sense of what is proper",
    month: "a well-regulated youth, and work within an institution, where conduct is noticed",
    hour: "standing that comes with the years, and children in whom one’s principles come back",
  },
  "indirect-resource": {
    year: "origins with something unusual in them: a grandmother’s care, a move, a faith, books nobody else read",
    month: "a youth with an inner world of its own, and work that needs long hours alone",
    hour: "late study of what was always of interest, and children who are understood better than they are told",
  },
  "direct-resource": {
    year: "origins that protect: elders who taught, a house that valued learning",
    month: "a sheltered or well-schooled youth, and work in which knowledge is the tool",
    hour: "later years with books and people to care for, and children who ask for advice",
  },
};

export const seatTexts: Record<Relation, string> = {
  companion:
    "The day master sits on its own kind: it carries itself, and a partner is met at eye level or not at all.",
  output:
    "The day master sits on what it produces: it gives of itself at home, and feels loved when what it makes is noticed.",
  wealth:
    "The day master sits on what it masters: it provides and arranges, and has to see that care does not become management.",
  officer:
    "The day master sits on what masters it: it takes obligations to heart, and closeness comes with standards attached.",
  resource:
    "The day master sits on what feeds it: there is support close by, and home is where strength is got back.",
};

/** The life stage of the day master in the branch of a palace. */
export const stageTexts: Record<LifeStage, string> = {
  birth: "things begin easily there and keep a freshness",
  bath: "there is charm and uncertainty, and shyness is outgrown late",
  capping: "one is taken seriously there, sometimes before one feels ready",
  office: "it stands on its own feet there and need not ask",
  peak: "it is at its fullest there, and has to leave room for others",
  decline: "experience counts for more there than strength",
  sickness: "sensitivity is greater there, and so is the need for rest",
  death: "it is quiet there, and thought reaches further than action",
  tomb: "much is gathered and kept there, and shown late",
  extinction: "little is given there, so what comes of it is one’s own making",
  conception: "something is planned there long before it shows",
  nurture: "it is looked after there, and grows slowly and well",
};

/** Images of the thirty nayin, in order from 甲子. */
export const nayinTexts: readonly string[] = [
  "worth that lies deep and takes long to be raised",
  "heat that needs a hearth, and feeds a house from it",
  "a wood so large that single trees go unnoticed",
  "ground that everybody walks on and nobody owns",
  "an edge that wants a hand to match it",
  "a beacon seen from afar and hard to come close to",
  "clear water that finds its way between stones",
  "a wall that protects because it has been tended",
  "metal still soft enough to take any shape",
  "a tree that bends further than it breaks",
  "a spring that is small and never runs dry",
  "a roof: useful when others are out in the rain",
  "light that comes suddenly and changes the view",
  "evergreens, which show their worth in winter",
  "a long river that arrives because it does not stop",
  "grains that have to be washed out of much sand",
  "an evening fire, warm for those who gather round it",
  "a tree on open land, that shelters and stands alone",
  "a wall within a house, that divides and supports",
  "gold beaten thin, to make other things shine",
  "a lamp, made for the night and for one room",
  "rain from heaven, which falls on everyone alike",
  "a wide road, on which others travel far",
  "jewellery, kept safe and worn on the right day",
  "a tree whose leaves become silk",
  "a broad stream with room for many boats",
  "earth mixed with sand, light and quickly warm",
  "the sun at noon, which hides nothing",
  "a hard wood with many seeds",
  "the sea, which takes in every river",
];
