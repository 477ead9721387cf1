import { useTranslations } from "next-intl";

const READING_ITEMS = ["pillars", "time", "elements", "luck", "words", "calendar"] as const;

/** What a reading contains, for visitors. */
export function ReadingContents() {
  const t = useTranslations("landing.reading");
  return (
    <section className="border-t py-16 sm:py-20">
      <h2 className="font-heading text-3xl">{t("title")}</h2>
      <p className="mt-3 max-w-[38em] text-muted-foreground">{t("text")}</p>
      <dl className="mt-10 grid gap-x-10 gap-y-8 sm:grid-cols-2 lg:grid-cols-3">
        {READING_ITEMS.map((item) => (
          <div key={item} className="border-t pt-4">
            <dt className="font-medium">{t(`items.${item}.title`)}</dt>
            <dd className="mt-1.5 text-muted-foreground text-sm">{t(`items.${item}.text`)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
