import { elementName } from "../names";
import { heaviestAndThinnest } from "./heaviest-and-thinnest";
import { paragraph } from "./paragraph";
import type { Subject } from "./subject";

/** Which elements lead and lack, and which would help and how. */
export function balanceSection({ chart, locale, texts }: Subject): string[] {
  const { points, percent } = chart.balance;
  const { ordered, heaviest, thin } = heaviestAndThinnest(chart);
  const { sentences } = texts;
  const missing = thin.filter((element) => points[element] === 0);
  const scarce = thin.filter((element) => points[element] > 0);
  const { helpful } = chart.strength;
  return [
    paragraph(locale, [
      sentences.shares(
        ordered.map((element) => ({
          element: elementName(locale, element),
          percent: percent[element],
        })),
      ),
      heaviest === null ? sentences.even() : texts.elements[heaviest].heavy,
      ...scarce.map((element) => texts.elements[element].thin),
    ]),
    missing.length === 0
      ? ""
      : sentences.missing(missing.map((element) => elementName(locale, element))),
    paragraph(locale, [
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
