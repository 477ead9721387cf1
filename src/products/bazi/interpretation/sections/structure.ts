import { elementOfStem } from "../../chart/stems-and-branches";
import { type ShownGod, structureOf } from "../../chart/structure";
import { elementName } from "../names";
import { paragraph } from "./paragraph";
import type { Subject } from "./subject";

/** The structure (格局): what the month names it, and what among the stems carries or disturbs it. */
export function structureSection({ chart, locale, texts, names }: Subject): string[] {
  const structure = structureOf(chart);
  const { sentences } = texts;
  const own = texts.structures[structure.kind];
  const listed = (shown: readonly ShownGod[]) =>
    shown.map(({ god, position }) => ({
      god: names.tenGods[god],
      position: names.positions[position],
    }));
  const { helpers, disturbers } = structure;
  return [
    paragraph(locale, [
      sentences.structure({
        name: own.name,
        stem: names.stems[structure.stem].sign,
        element: elementName(locale, elementOfStem(structure.stem)),
        shownIn: structure.shownIn === null ? null : names.positions[structure.shownIn],
      }),
      own.character,
    ]),
    paragraph(locale, [
      helpers.length === 0 ? "" : sentences.helpedBy(listed(helpers)),
      helpers.length === 0 ? "" : own.helped,
      disturbers.length === 0 ? "" : sentences.disturbedBy(listed(disturbers)),
      disturbers.length === 0 ? "" : own.disturbed,
      helpers.length + disturbers.length === 0 ? own.alone : "",
    ]),
  ];
}
