import type { TenGod } from "../../chart/ten-gods";
import type { TenGodTexts } from "../language-texts";

export const tenGodTexts: Record<TenGod, TenGodTexts> = {
  friend: {
    work: "It favours work among equals and on one’s own account: partnerships with clear shares, crafts, anything where the name on the door is one’s own.",
    partner:
      "The partner’s seat holds an equal: friendship is the ground, and two people who each need their own say.",
    decade: {
      brings: "people of one’s own kind: colleagues, partners, rivals",
      lifts: "Join forces: what is built among equals now stands for long.",
      weighs: "Be exact about who owns what, and slow to guarantee for others.",
    },
    year: "Equals set the tone: joining forces is easy, and so is comparing. Decide beforehand what is shared and what is not.",
  },
  "rob-wealth": {
    work: "It favours bold, social and competitive work: sales, sport, negotiation, starting things with others. Money needs a second pair of eyes.",
    partner:
      "The partner’s seat holds a rival as much as a companion: lively, generous, quick to quarrel about money or time. A common budget is romantic here.",
    decade: {
      brings: "drive and rivalry, quick alliances and quick spending",
      lifts: "Much can be won with others now; let somebody bolder take one corner of it.",
      weighs: "What is lent is seldom returned; keep reserves that nobody has a key to.",
    },
    year: "Spending and sharing come quickly. Enjoy the company, sign nothing in high spirits.",
  },
  "eating-god": {
    work: "It favours patient skill: teaching, cooking, design, care, writing, work whose quality can be tasted.",
    partner:
      "The partner’s seat holds ease: someone to eat and laugh with. Comfort is the gift and, when nothing moves any more, the difficulty.",
    decade: {
      brings: "room to make things and to enjoy them",
      lifts: "A good time to bring a skill to ripeness and to be known for it.",
      weighs: "Comfort is the trap: what is given out must be earned back in sleep.",
    },
    year: "What you make is well received when it is made unhurriedly. A year for craft, for food, for children and students.",
  },
  "hurting-officer": {
    work: "It favours originality and performance: engineering, art, law, criticism, wherever the accepted way may be questioned. It sits badly under rules that explain nothing.",
    partner:
      "The partner’s seat holds brilliance and a sharp tongue: attraction through talent, friction through criticism. Praise aloud what you take for granted.",
    decade: {
      brings: "a wish to say and do things one’s own way",
      lifts: "Inventive years: publish, found, perform, and let the work argue.",
      weighs:
        "Relations with superiors want care and contracts want reading; talent tires here sooner than it admits.",
    },
    year: "Ideas come quickly and so do contradictions. Put the talent into the work rather than into the argument about it.",
  },
  "indirect-wealth": {
    work: "It favours trade, projects and movement: work with several sources of income, where an eye for opportunity counts more than hours.",
    partner:
      "The partner’s seat holds generosity and movement: charm, many acquaintances, little love of routine.",
    decade: {
      brings: "opportunities from outside and money that moves",
      lifts: "Take the openings, and put part aside before counting the rest.",
      weighs: "Take only what can be ended again; size is the danger, not the idea.",
    },
    year: "Openings come through other people. Quick to come, quick to go: set a limit before starting.",
  },
  "direct-wealth": {
    work: "It favours steady management: finance, operations, property, a position in which care is paid for.",
    partner:
      "The partner’s seat holds reliability: love shown in provision, order and time. Let there be something useless now and then.",
    decade: {
      brings: "steady gain from steady work, and the duties of property",
      lifts: "A time to earn, to furnish and to put affairs in order.",
      weighs: "Property owns its owner here: fewer obligations leave more in hand.",
    },
    year: "Diligence is paid as agreed. A year for budgets, repairs and long-term plans rather than leaps.",
  },
  "seven-killings": {
    work: "It favours pressure and decision: emergency work, leadership, surgery, security, competition. It needs an outlet and a rule of its own, or it turns on the one who has it.",
    partner:
      "The partner’s seat holds force: strong attraction and strong will. Respect is the condition; who decides what is better settled in calm weather.",
    decade: {
      brings: "demands, rivals and the chance to prove oneself",
      lifts: "The hard task is the right one now: command comes to whoever takes it.",
      weighs: "Choose the battles; health and allies are part of the equipment.",
    },
    year: "Pressure rises and so does the ability to act. Take on one hard thing, not three.",
  },
  "direct-officer": {
    work: "It favours responsibility within an order: administration, law, institutions, professions with a code. Reputation is its capital.",
    partner:
      "The partner’s seat holds propriety: someone who keeps promises and expects as much. Tenderness may need to be said, since duty says so much already.",
    decade: {
      brings: "office, recognition and rules",
      lifts: "A time to take responsibility that has a title.",
      weighs:
        "Rules press more than they reward; keep the paperwork in order and the hours finite.",
    },
    year: "Rules and institutions play a part: examinations, contracts, appointments. Correctness pays more than cleverness.",
  },
  "indirect-resource": {
    work: "It favours specialised and unusual knowledge: research, technology, healing, religion, analysis. It works best alone for long stretches.",
    partner:
      "The partner’s seat holds depth and reserve: understanding without words, and silences that are easily misread.",
    decade: {
      brings: "study off the beaten track and time alone",
      lifts: "Good for mastering something that few others can.",
      weighs: "Watch that preparing does not replace doing, nor solitude company.",
    },
    year: "Intuition is keen and company tires. A year to learn something unusual, and to answer messages all the same.",
  },
  "direct-resource": {
    work: "It favours knowledge and care with a good name: teaching, medicine, publishing, advising, work backed by qualifications.",
    partner:
      "The partner’s seat holds care: being looked after, and looking after. Keep an eye on who has become whose parent.",
    decade: {
      brings: "teachers, qualifications and shelter",
      lifts: "A time to study, to mend and to be helped without embarrassment.",
      weighs: "So much protection softens; give away some of what was received.",
    },
    year: "Support comes from elders, teachers and documents. A year to study, to rest and to let something be signed in your favour.",
  },
};
