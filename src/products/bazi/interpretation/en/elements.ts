import type { Element } from "../../chart/elements";
import type { ElementTexts } from "../texts";

export const elementTexts: Record<Element, ElementTexts> = {
  wood: {
    heavy:
      "Wood leads: growth, plans, a drive to begin and to improve. What leads is also what overgrows; unfinished projects are the sign of it.",
    thin: "Wood is thin: starting and planning ahead may take a deliberate push, and flexibility is learned rather than given.",
    help: "learning something new, early hours, walking among trees, plants in the room, and plans with a next step written down",
    rhythmHeavy:
      "With heavy wood the pull is towards always being on the way. Stretching, and a fixed hour at which planning stops, are old and sensible counsel.",
    rhythmThin: "With thin wood, regular movement in the open tends to do more than hard training.",
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
};
