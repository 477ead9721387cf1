import type { Subject } from "./subject";

/** What the text rests on and what it does not know. */
export function limitsSection({ chart, texts }: Subject): string[] {
  return texts.sentences.limits({
    timeKnown: chart.birth.timeKnown,
    trueSolar: chart.birth.reckoning.kind === "true-solar",
    rootless: chart.strength.roots.length === 0,
  });
}
