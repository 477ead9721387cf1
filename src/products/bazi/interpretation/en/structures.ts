import type { StructureKind } from "../../chart/structure";
import type { StructureTexts } from "../language-texts";

export const structureTexts: Record<StructureKind, StructureTexts> = {
  "direct-officer": {
    name: "Direct Officer",
    character:
      "It asks for a place in an order that one respects: titles earned, promises kept, a good name guarded. Such charts grow with responsibility and wither under arbitrary rule.",
    helped: "Office that is fed by wealth or sheltered by learning lasts: rank here has a base.",
    disturbed:
      "Talent that contradicts authority is the classic flaw of this structure (伤官见官): say the sharp thing in private, and in writing only when it is right.",
    alone:
      "Nothing that shows feeds the office and nothing attacks it: its standing has to be built by years of reliability.",
  },
  "seven-killings": {
    name: "Seven Killings",
    character:
      "It asks for pressure and knows what to do with it: contest, danger, decisions that others put off. Untamed, the same force turns inwards as impatience and strain.",
    helped:
      "The force is bridled, by skill that answers it or by learning that turns it into authority: the classics count this among the strongest structures.",
    disturbed:
      "Wealth feeds the pressure here: bigger stakes bring bigger demands, so profit that must be defended is dear.",
    alone:
      "Nothing that shows tames the force, so a discipline of one’s own choosing, sport, craft or service, is worth more than talent.",
  },
  "direct-resource": {
    name: "Direct Resource",
    character:
      "It asks to understand before acting: study, teachers, credentials, the protection of a good house. Reputation comes before reward and usually leads to it.",
    helped:
      "Authority stands behind the learning (官印相生): knowledge is recognised, examined and given a position.",
    disturbed:
      "Wealth breaks resource: when money presses, study, health or one’s name is what tends to be sold first. Decide in advance what is not for sale.",
    alone: "The learning stands by itself: it has to be offered, since nobody comes to fetch it.",
  },
  "indirect-resource": {
    name: "Indirect Resource",
    character:
      "It asks for its own way of knowing: unusual subjects, sudden insight, long solitary work. It sees what others overlook and overlooks what others see.",
    helped:
      "Wealth draws the insight out into use: having to deliver something is what saves this structure from its own depth.",
    disturbed:
      "The owl robs the Eating God here (枭神夺食): doubt tends to interrupt what was going well. Finish first, revise afterwards.",
    alone:
      "No wealth shows that would make it practical: an outside deadline does for this chart what inspiration does for others.",
  },
  "eating-god": {
    name: "Eating God",
    character:
      "It asks to make things and to enjoy them: patient skill, good taste, a gift for making others comfortable. What it gives is felt before it is understood.",
    helped:
      "Skill leads on to wealth (食神生财): what is made finds buyers, and livelihood follows from craft without force.",
    disturbed:
      "An owl stands beside it (枭神夺食): too much thinking spoils the appetite for work. Protect the hours in which things are simply made.",
    alone:
      "Neither gain nor doubt shows beside it: the pleasure of the work is its own reward, and prices are easily set too low.",
  },
  "hurting-officer": {
    name: "Hurting Officer",
    character:
      "It asks to do things differently and to be seen doing so: wit, invention, performance, impatience with whatever is merely customary.",
    helped:
      "The brilliance has a channel, towards wealth or under the discipline of learning: cleverness becomes a living or a body of work.",
    disturbed:
      "Authority shows openly beside it (伤官见官): conflicts with superiors, offices or contracts are the thing to foresee. Work where results speak and titles do not.",
    alone:
      "Nothing that shows gives the talent a channel: choosing one field and staying in it is half of its success.",
  },
  "direct-wealth": {
    name: "Direct Wealth",
    character:
      "It asks for things that can be counted and kept: steady income, property, a household in order. Diligence is its talent and trust its capital.",
    helped:
      "Wealth has a source in skill or a guard in authority: what is earned keeps coming and stays.",
    disturbed:
      "Rivals show beside the wealth (比劫夺财): shares, loans and joint accounts are where it leaks. Separate purses make good friends.",
    alone:
      "The wealth stands without source or guard in the stems: it rests on one’s own hours, so rest belongs in the budget.",
  },
  "indirect-wealth": {
    name: "Indirect Wealth",
    character:
      "It asks for movement: trade, ventures, many acquaintances, money that works elsewhere. Generosity opens doors that thrift would not.",
    helped:
      "Skill supplies the ventures or rules fence them in: chances can be taken without being at their mercy.",
    disturbed:
      "Rivals show beside the wealth (比劫夺财): what comes by many hands leaves by many hands. Agree on the exit before the entry.",
    alone:
      "Neither source nor guard shows: chances come in waves, and a reserve for the ebb is the best investment.",
  },
  established: {
    name: "Established (建禄)",
    character:
      "The month is the day master’s own seat of office: a chart that stands on its own feet early and owes its position to work rather than to inheritance.",
    helped:
      "Something that shows gives the strength a task, in office or in skill: independence gets a direction.",
    disturbed:
      "Equals show beside it: there is company and there is competition, and what is divided too often comes to little for each.",
    alone:
      "Neither task nor rival shows: strength without an errand goes stale, so set yourself one.",
  },
  blade: {
    name: "Blade (阳刃)",
    character:
      "The month holds the edge of the day master’s own element: courage, directness, more force than daily life has use for.",
    helped:
      "Authority shows to wield the blade (刃杀相济): force under command is what makes commanders, surgeons and champions.",
    disturbed:
      "Another of its own kind shows beside it: force meets force, most easily over money or precedence. Walk away once more than you would like to.",
    alone:
      "No authority shows that would hold the blade: a rule one has chosen, and keeps, must serve instead.",
  },
  robbing: {
    name: "Month Rival (月劫)",
    character:
      "The month holds a rival of the day master’s own element: a sociable, spirited chart that measures itself against others and is generous by temper.",
    helped:
      "Something that shows gives the spirit a task, in office or in skill, and rivalry becomes achievement.",
    disturbed:
      "More of its own kind shows beside it: friends and rivals are the same people, so keep accounts and affections apart.",
    alone: "Neither task nor further rival shows: company decides much, so choose it with care.",
  },
};
