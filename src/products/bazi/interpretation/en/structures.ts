import type { StructureKind } from "../../chart/structure";
import type { StructureTexts } from "../language-texts";

export const structureTexts: Record<StructureKind, StructureTexts> = {
  "direct-officer": {
    name: "Direct Officer",
    character:
      "You need a place in a system that you respect: earned titles, kept promises, a good name. You grow with responsibility and suffer under arbitrary rule.",
    helped:
      "Authority backed by wealth or protected by learning lasts: your position rests on a solid base.",
    disturbed:
      "Talent that contradicts authority is the classic flaw of this structure (伤官见官): criticize in private, and think twice before you put it in writing.",
    alone:
      "No visible stem supports the authority and none attacks it: your standing has to be built through years of reliability.",
  },
  "seven-killings": {
    name: "Seven Killings",
    character:
      "You thrive under pressure: competition, danger, decisions that others put off. Left uncontrolled, the same force turns inwards as impatience and tension.",
    helped:
      "The force is controlled, by skill or by learning that turns it into authority: the classics count this among the strongest structures.",
    disturbed:
      "Wealth feeds the pressure: bigger stakes bring bigger demands, and profit that has to be defended is expensive.",
    alone:
      "No visible stem controls the force, so a discipline of your own, such as sport, a craft or service, is worth more than talent.",
  },
  "direct-resource": {
    name: "Direct Resource",
    character:
      "You want to understand before you act: study, teachers, credentials and a good family are your support. Reputation comes before reward and usually leads to it.",
    helped:
      "Authority backs the learning (官印相生): your knowledge is recognized and earns you a position.",
    disturbed:
      "Wealth breaks resource: when money is tight, study, health or your good name is the first to suffer. Decide in advance what is not for sale.",
    alone:
      "The learning has no support in the stems: you have to offer it, because nobody will come asking.",
  },
  "indirect-resource": {
    name: "Indirect Resource",
    character:
      "You have your own way of knowing: unusual subjects, sudden insight, long solitary work. You see what others overlook and overlook what others see.",
    helped:
      "Wealth makes the insight useful: having something to deliver keeps you from getting lost in it.",
    disturbed:
      "The owl robs the Eating God (枭神夺食): doubt tends to interrupt what was going well. Finish first, revise afterwards.",
    alone:
      "No visible wealth makes it practical: a deadline set by someone else does for you what inspiration does for others.",
  },
  "eating-god": {
    name: "Eating God",
    character:
      "You like to make things and to enjoy them: patient skill, good taste, a gift for putting others at ease. People feel what you give before they can name it.",
    helped:
      "Skill leads to wealth (食神生财): what you make finds buyers, and a living follows naturally from your craft.",
    disturbed:
      "An owl is beside it (枭神夺食): too much thinking spoils your appetite for work. Protect the hours in which you simply make things.",
    alone:
      "Neither wealth nor owl is visible beside it: the pleasure of the work is its own reward, and it is easy to charge too little.",
  },
  "hurting-officer": {
    name: "Hurting Officer",
    character:
      "You want to do things differently and to be seen doing so: wit, invention, performance, impatience with mere custom.",
    helped:
      "The brilliance has a channel, towards wealth or through the discipline of learning: cleverness becomes a living or a body of work.",
    disturbed:
      "Authority is visible beside it (伤官见官): expect conflicts with superiors, officials or contracts. Work where results count more than titles.",
    alone:
      "No visible stem gives the talent a channel: choosing one field and staying in it is half the battle.",
  },
  "direct-wealth": {
    name: "Direct Wealth",
    character:
      "You value what can be counted and kept: a steady income, property, a well-run household. Diligence is your talent and trust your capital.",
    helped: "Wealth has a source in skill or a guard in authority: you earn it and you keep it.",
    disturbed:
      "Rivals are visible beside the wealth (比劫夺财): it leaks through shared ownership, loans and joint accounts. Separate finances make good friends.",
    alone:
      "The wealth has neither source nor guard in the stems: it depends on your own hours, so budget for rest.",
  },
  "indirect-wealth": {
    name: "Indirect Wealth",
    character:
      "Your wealth is in motion: trade, ventures, many acquaintances, money at work elsewhere. Generosity opens doors that thrift would not.",
    helped:
      "Skill supplies the ventures, or rules contain them: you can take chances without being at their mercy.",
    disturbed:
      "Rivals are visible beside the wealth (比劫夺财): what comes through many hands leaves through many hands. Plan your exit before you enter.",
    alone:
      "Neither source nor guard is visible: opportunities come in waves, and a reserve for lean times is the best investment.",
  },
  established: {
    name: "Established (建禄)",
    character:
      "The month is the day master’s own seat: you become independent early and owe your position to work rather than inheritance.",
    helped:
      "A visible stem of authority or output gives the strength a task: independence gets a direction.",
    disturbed:
      "Equals are visible beside it: there is company and there is competition, and a prize split too many ways is small for each.",
    alone:
      "Neither task nor rival is visible: strength without a purpose goes stale, so give yourself one.",
  },
  blade: {
    name: "Blade (阳刃)",
    character:
      "The month holds the sharpest form of the day master’s own element: courage, directness, more force than daily life needs.",
    helped:
      "Visible authority wields the blade (刃杀相济): disciplined force makes commanders, surgeons and champions.",
    disturbed:
      "Another of its own kind is visible beside it: force meets force, usually over money or rank. Walk away once more often than you would like.",
    alone:
      "No visible authority holds the blade: a rule that you set yourself, and keep, has to do it instead.",
  },
  robbing: {
    name: "Month Rival (月劫)",
    character:
      "The month holds a rival of the day master’s own element: you are sociable, spirited and generous, and you measure yourself against others.",
    helped:
      "A visible stem of authority or output gives the spirit a task, and rivalry becomes achievement.",
    disturbed:
      "More of its own kind is visible beside it: friends and rivals are the same people, so keep money and friendship apart.",
    alone:
      "Neither a task nor another rival is visible: the company you keep matters a great deal, so choose it with care.",
  },
};
