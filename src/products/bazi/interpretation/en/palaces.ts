import type { Relation } from "../../chart/elements";
import type { LifeStage } from "../../chart/life-stages";
import type { TenGod } from "../../chart/ten-gods";
import type { PalaceGodTexts } from "../language-texts";

export const palaceGodTexts: Record<TenGod, PalaceGodTexts> = {
  friend: {
    year: "a family with many peers, where you had to speak up for yourself and became independent early",
    month: "a youth among friends, and a working life as a partner rather than a subordinate",
    hour: "later years shared with friends, and children who go their own way and become companions",
  },
  "rob-wealth": {
    year: "a lively, open house where money came and went; any inheritance had to be shared",
    month:
      "a youth of rivalry and alliances, and work in which winning people over counts as much as the task",
    hour: "a sociable, open-handed old age; write the will early and clearly",
  },
  "eating-god": {
    year: "a home that lacked for nothing, with a kind elder; good taste formed early",
    month: "an upbringing that gave skills time to mature, and work that goes best without hurry",
    hour: "late years with pleasures of your own making, and an easy way with children",
  },
  "hurting-officer": {
    year: "a talented and rebellious background: a family that broke with custom, or a child who did",
    month: "a youth impatient with authority, and work that must bear your own signature",
    hour: "a wit that stays sharp, and children who argue well because they were allowed to",
  },
  "indirect-wealth": {
    year: "a family on the move: trade, travel, a father with many acquaintances, changing fortunes",
    month: "an early eye for opportunity, and work with several irons in the fire",
    hour: "unexpected gains late in life, and generosity towards the young",
  },
  "direct-wealth": {
    year: "a careful home, where work was respected and money was counted",
    month: "an upbringing that taught diligence, and steady work that earns its salary",
    hour: "a secure later life, if you put your finances in order early, and practical children",
  },
  "seven-killings": {
    year: "a childhood under pressure: strict elders, hard times or an early need to be strong",
    month: "a demanding youth, and work with rivals and deadlines that you are used to handling",
    hour: "ambition that does not fade, and strong-willed children who need respect more than orders",
  },
  "direct-officer": {
    year: "a home with rules and a good name to keep, and an early sense of what is proper",
    month: "a well-ordered youth, and work in an institution, where conduct is noticed",
    hour: "a reputation that grows with the years, and children who share your principles",
  },
  "indirect-resource": {
    year: "an unusual background: raised by grandparents, a move, a faith, or a house full of books that nobody else read",
    month: "a youth with a rich inner world, and work that needs long hours alone",
    hour: "late study of a lifelong interest, and children whom you understand without many words",
  },
  "direct-resource": {
    year: "a protected childhood, with elders who taught you and a home that valued learning",
    month: "a sheltered or well-schooled youth, and work in which knowledge is the tool",
    hour: "later years with books and people to care for, and children who come to you for advice",
  },
};

export const seatTexts: Record<Relation, string> = {
  companion:
    "The day master sits on its own element: you are self-reliant, and a partner has to be an equal.",
  output:
    "The day master sits on what it produces: you give freely at home, and you feel loved when your efforts are noticed.",
  wealth:
    "The day master sits on what it controls: you provide and organize; do not let care turn into management.",
  officer:
    "The day master sits on what controls it: you take obligations to heart, and closeness comes with high standards.",
  resource:
    "The day master sits on what nourishes it: support is close by, and home is where you recover your strength.",
};

/** The life stage of the day master in the branch of a palace. */
export const stageTexts: Record<LifeStage, string> = {
  birth: "things start easily here and stay fresh",
  bath: "there is charm and insecurity here, and shyness fades late",
  capping: "you are taken seriously here, sometimes before you feel ready",
  office: "you are independent here and need no help",
  peak: "you are at full strength here; leave room for others",
  decline: "experience counts for more than strength here",
  sickness: "you are more sensitive here and need more rest",
  death: "it is quiet here, with more thought than action",
  tomb: "much is gathered and stored here, and shown late",
  extinction: "little is given here, so you make of it what you can",
  conception: "something takes shape here long before it shows",
  nurture: "you are looked after here and grow slowly and well",
};

/** Images of the thirty nayin, in order from 甲子. */
export const nayinTexts: readonly string[] = [
  "treasure that lies deep and is slow to raise",
  "a fire that needs a furnace and warms a whole house",
  "a wood so large that single trees go unnoticed",
  "ground that everyone walks on and nobody owns",
  "a fine edge that needs the right hand",
  "a beacon seen from afar and hard to come close to",
  "clear water that finds its way between stones",
  "a wall that protects because it is kept in repair",
  "metal still soft enough to take any shape",
  "a tree that bends and does not break",
  "a small spring that never runs dry",
  "a roof, whose worth shows when it rains",
  "light that comes suddenly and changes the view",
  "evergreens, which show their worth in winter",
  "a long river that arrives because it does not stop",
  "grains that have to be washed out of much sand",
  "an evening fire, warm for those who gather round it",
  "a tree on open land that stands alone and gives shade",
  "a wall inside a house that divides and supports",
  "gold beaten thin to make other things shine",
  "a lamp that lights one room at night",
  "rain that falls on everyone alike",
  "a wide road on which people travel far",
  "jewellery, kept safe and worn on the right day",
  "a tree whose leaves become silk",
  "a broad stream with room for many boats",
  "earth mixed with sand, light and quick to warm",
  "the sun at noon, which hides nothing",
  "hard wood with many seeds",
  "the sea, which receives every river",
];
