import { rankElements } from "../../chart/balance";
import { elementName } from "../names";
import { joinSentences, type Subject } from "./section";

/** The leading, thin and missing elements, and the helpful ones with everyday examples. */
export function balanceSection({ chart, locale, texts }: Subject): string[] {
  const { points, percent } = chart.balance;
  const { ordered, leading, thin } = rankElements(chart);
  const { sentences } = texts;
  const missing = thin.filter((element) => points[element] === 0);
  const scarce = thin.filter((element) => points[element] > 0);
  const { helpful } = chart.strength;
  return [
    joinSentences(locale, [
      sentences.shares(
        ordered.map((element) => ({
          element: elementName(locale, element),
          percent: percent[element],
        })),
      ),
      leading === null ? sentences.even() : texts.elements[leading].heavy,
      ...scarce.map((element) => texts.elements[element].thin),
    ]),
    missing.length === 0
      ? ""
      : sentences.missing(missing.map((element) => elementName(locale, element))),
    joinSentences(locale, [
      sentences.helpful(
        helpful.map(({ element, reason }) => ({ element: elementName(locale, element), reason })),
      ),
      sentences.everyday(
        helpful.map(({ element }) => ({
          element: elementName(locale, element),
          phrase: texts.elements[element].help,
        })),
      ),
    ]),
  ];
}
