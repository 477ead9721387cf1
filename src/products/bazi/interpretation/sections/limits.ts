import type { Subject } from "./section";

/** What the text is based on, and how reliable it is. */
export function limitsSection({ chart, texts }: Subject): string[] {
  return texts.sentences.limits({
    timeKnown: chart.birth.timeKnown,
    trueSolar: chart.birth.reckoning.kind === "true-solar",
    rootless: chart.strength.roots.length === 0,
  });
}
