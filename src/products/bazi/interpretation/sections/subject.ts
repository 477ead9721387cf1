import type { Locale } from "@/lib/locales";
import type { Chart } from "../../chart/chart";
import type { Names } from "../names";
import type { InterpretationTexts, SectionKey } from "../texts";

/** What every section is written from. `now` decides what "now" and "this year" mean, nothing else. */
export type Subject = {
  chart: Chart;
  now: Date;
  locale: Locale;
  texts: InterpretationTexts;
  names: Names;
};

/** A paragraph, with a few words in front that say what it is about where several stand in a row. */
export type Paragraph = { lead: string | null; text: string };

export type Section = { key: SectionKey; title: string; paragraphs: Paragraph[] };
