import { ChevronDown } from "lucide-react";
import { useTranslations } from "next-intl";
import { DateTime } from "@/components/date-time";
import { Card } from "@/components/ui/card";
import type { Locale } from "@/lib/locales";
import type { Chart } from "../../chart/chart";
import { interpret } from "../../interpretation/interpret";
import type { Section } from "../../interpretation/sections/section";
import { Foldable } from "./foldable";

/**
 * The interpretation of the stored chart in the page's language, as of `now`: a table of contents and
 * sections that fold on a phone.
 */
export function Interpretation({
  chart,
  locale,
  now,
}: {
  chart: Chart;
  locale: Locale;
  now: Date;
}) {
  const t = useTranslations("bazi.reading");
  const sections = interpret(chart, { locale, now });
  return (
    <Card>
      <header className="mb-6 grid gap-1">
        <h2 className="font-heading text-xl">{t("interpretationTitle")}</h2>
        <p className="text-muted-foreground text-sm">
          {t.rich("asOf", { date: () => <DateTime instant={now.toISOString()} kind="date" /> })}
        </p>
      </header>
      <Foldable>
        <nav aria-label={t("contents")} className="print:hidden mb-8 border-y py-4 text-sm">
          <ol className="flex flex-wrap gap-x-5 gap-y-2">
            {sections.map(({ key, title }) => (
              <li key={key}>
                <a href={`#${key}`} className="underline-offset-4 hover:underline">
                  {title}
                </a>
              </li>
            ))}
          </ol>
        </nav>
        <div className="grid gap-4 md:gap-8">
          {sections.map((section, index) => (
            <FoldableSection key={section.key} section={section} isOpen={index === 0} />
          ))}
        </div>
      </Foldable>
      <p className="mt-8 border-t pt-4 text-muted-foreground text-sm">{t("disclaimer")}</p>
    </Card>
  );
}

function FoldableSection({
  section: { key, title, paragraphs },
  isOpen,
}: {
  section: Section;
  isOpen: boolean;
}) {
  return (
    <details id={key} open={isOpen} className="group scroll-mt-20 max-md:border-b max-md:pb-4">
      <summary className="flex cursor-pointer list-none items-center justify-between gap-4 rounded-sm [&::-webkit-details-marker]:hidden">
        <h3 className="font-semibold">{title}</h3>
        <ChevronDown
          aria-hidden="true"
          className="print:hidden size-4 shrink-0 text-muted-foreground transition-transform group-open:rotate-180 motion-reduce:transition-none"
        />
      </summary>
      <div className="mt-3 grid max-w-[68ch] gap-3">
        {paragraphs.map(({ lead, text }) => (
          <p key={`${lead} ${text}`} className="leading-relaxed print:break-inside-avoid">
            {lead !== null && <strong className="block font-medium text-sm">{lead}</strong>}
            {text}
          </p>
        ))}
      </div>
    </details>
  );
}
