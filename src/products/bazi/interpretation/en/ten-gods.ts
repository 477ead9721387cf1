import type { TenGod } from "../../chart/ten-gods";
import type { TenGodTexts } from "../language-texts";

export const tenGodTexts: Record<TenGod, TenGodTexts> = {
  friend: {
    work: "It favours work among equals and self-employment: partnerships with clear shares, crafts, anything with your own name on the door.",
    partner:
      "The partner palace holds an equal: a relationship built on friendship, between two people who each need their own say.",
    decade: {
      brings: "people like yourself, such as colleagues, partners and rivals",
      lifts: "Join forces: what you build with your peers now lasts.",
      weighs: "Be exact about who owns what, and slow to vouch for others.",
    },
    year: "Peers set the tone: joining forces is easy, and so is comparing. Decide in advance what is shared and what is not.",
  },
  "rob-wealth": {
    work: "It favours bold, social and competitive work: sales, sport, negotiation, founding things with others. Money needs a second pair of eyes.",
    partner:
      "The partner palace holds a rival as much as a companion: lively, generous, quick to quarrel about money or time. A shared budget is an act of love.",
    decade: {
      brings: "drive and rivalry, quick alliances and quick spending",
      lifts: "You can win a lot with others now; let someone bolder take charge of part of it.",
      weighs: "Money lent is seldom returned; keep a reserve that nobody can touch.",
    },
    year: "Money is quickly spent and shared. Enjoy the company, but sign nothing in high spirits.",
  },
  "eating-god": {
    work: "It favours patient skill: teaching, cooking, design, care, writing, any work whose quality shows.",
    partner:
      "The partner palace holds ease: someone to eat and laugh with. Comfort is the gift and, once nothing changes any more, the problem.",
    decade: {
      brings: "time to make things and to enjoy them",
      lifts: "A good time to master a skill and become known for it.",
      weighs: "Comfort is the trap: make up for what you give with sleep.",
    },
    year: "Work made without hurry is well received. A year for craft, for food, for children and students.",
  },
  "hurting-officer": {
    work: "It favours originality and performance: engineering, art, law, criticism, any place where convention may be questioned. It chafes under rules without reasons.",
    partner:
      "The partner palace holds brilliance and a sharp tongue: talent attracts, criticism grates. Say out loud what you appreciate.",
    decade: {
      brings: "the wish to say and do things your own way",
      lifts: "Inventive years: publish, found, perform, and let the work speak for you.",
      weighs:
        "Take care with superiors and read contracts closely; creative work tires you sooner than you admit.",
    },
    year: "Ideas come quickly, and so do arguments. Put your talent into the work rather than the dispute.",
  },
  "indirect-wealth": {
    work: "It favours trade, projects and travel: work with several sources of income, where an eye for opportunity counts more than hours.",
    partner:
      "The partner palace holds generosity and movement: charm, many acquaintances, little love of routine.",
    decade: {
      brings: "opportunities from outside and money that moves",
      lifts: "Take the opportunities, and save a part before you count the rest.",
      weighs: "Take on only what you can get out of; the danger is the size, not the idea.",
    },
    year: "Opportunities come through other people. Easy come, easy go: set a limit before you start.",
  },
  "direct-wealth": {
    work: "It favours steady management: finance, operations, property, any position that rewards care.",
    partner:
      "The partner palace holds reliability: love shown by providing, by keeping order and by being there. Do something pointless together now and then.",
    decade: {
      brings: "steady gain from steady work, and the duties of property",
      lifts: "A time to earn, to buy and to put your affairs in order.",
      weighs: "Possessions can own you: fewer obligations leave more in hand.",
    },
    year: "Diligence pays. A year for budgets, repairs and long-term plans rather than leaps.",
  },
  "seven-killings": {
    work: "It favours pressure and quick decisions: emergency work, leadership, surgery, security, competition. It needs an outlet and self-discipline, or it turns against you.",
    partner:
      "The partner palace holds force: strong attraction and strong wills. Respect comes first; agree on who decides what while things are calm.",
    decade: {
      brings: "demands, rivals and the chance to prove yourself",
      lifts: "The hard task is the right one now: take it and you will lead.",
      weighs: "Choose your battles; your health and your allies are part of your strength.",
    },
    year: "Pressure rises, and so does your ability to act. Take on one hard thing, not three.",
  },
  "direct-officer": {
    work: "It favours responsibility within a system: administration, law, institutions, professions with a code. Reputation is its capital.",
    partner:
      "The partner palace holds integrity: someone who keeps promises and expects the same. Duty is not enough; tenderness needs words.",
    decade: {
      brings: "position, recognition and rules",
      lifts: "A time to take on responsibility with a title.",
      weighs:
        "Rules constrain more than they reward; keep the paperwork in order and limit your hours.",
    },
    year: "Rules and institutions play a part: exams, contracts, appointments. Doing things properly pays more than cleverness.",
  },
  "indirect-resource": {
    work: "It favours specialized and unusual knowledge: research, technology, healing, religion, analysis. Work goes best alone and for long stretches.",
    partner:
      "The partner palace holds depth and reserve: understanding without words, and silences that are easily misread.",
    decade: {
      brings: "study off the beaten track and time alone",
      lifts: "A good time to master something that few others can.",
      weighs: "Do not let preparing replace doing, or solitude replace company.",
    },
    year: "Intuition is keen and company is tiring. A year to learn something unusual, but keep replying to messages.",
  },
  "direct-resource": {
    work: "It favours respected knowledge and care: teaching, medicine, publishing, consulting, work backed by qualifications.",
    partner:
      "The partner palace holds care: you look after each other. Notice if one of you becomes the other’s parent.",
    decade: {
      brings: "teachers, qualifications and protection",
      lifts: "A time to study, to recover and to accept help gladly.",
      weighs: "Too much protection makes you soft; pass on some of what you receive.",
    },
    year: "Support comes from elders, teachers and documents. A year to study, to rest and to get something signed in your favour.",
  },
};
