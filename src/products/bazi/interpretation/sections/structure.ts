import { elementOfStem } from "../../chart/stems-and-branches";
import { structureOf, type VisibleGod } from "../../chart/structure";
import { elementName } from "../names";
import { joinSentences, type Subject } from "./section";

/** The structure (格局), and the visible stems that support or disturb it. */
export function structureSection({ chart, locale, texts, names }: Subject): string[] {
  const structure = structureOf(chart);
  const { sentences } = texts;
  const text = texts.structures[structure.kind];
  const listed = (gods: readonly VisibleGod[]) =>
    gods.map(({ god, position }) => ({
      god: names.tenGods[god],
      position: names.positions[position],
    }));
  const { helpers, disturbers } = structure;
  return [
    joinSentences(locale, [
      sentences.structure({
        name: text.name,
        stem: names.stems[structure.stem].sign,
        element: elementName(locale, elementOfStem(structure.stem)),
        visibleIn: structure.visibleIn === null ? null : names.positions[structure.visibleIn],
      }),
      text.character,
    ]),
    joinSentences(locale, [
      helpers.length === 0 ? "" : sentences.helpedBy(listed(helpers)),
      helpers.length === 0 ? "" : text.helped,
      disturbers.length === 0 ? "" : sentences.disturbedBy(listed(disturbers)),
      disturbers.length === 0 ? "" : text.disturbed,
      helpers.length + disturbers.length === 0 ? text.alone : "",
    ]),
  ];
}
