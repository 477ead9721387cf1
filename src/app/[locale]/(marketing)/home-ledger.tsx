import { useTranslations } from "next-intl";
import { REMIND_BEFORE_DAYS } from "@/notifications/notice";
import { SpecimenStatement } from "./specimen-statement";

const POINTS = ["hold", "expiry", "export"] as const;

export function HomeLedger() {
  const t = useTranslations("marketing.ledger");
  return (
    <section className="grid items-center gap-10 border-t py-16 sm:py-20 lg:grid-cols-[minmax(0,30rem)_1fr] lg:gap-16">
      <div className="lg:order-last">
        <h2 className="font-heading text-3xl">{t("title")}</h2>
        <p className="mt-3 text-muted-foreground">{t("text")}</p>
        <ul className="mt-6 grid gap-4 text-sm">
          {POINTS.map((point) => (
            <li key={point} className="border-foreground/70 border-s-2 ps-4">
              {t(`points.${point}`, { remindDays: REMIND_BEFORE_DAYS })}
            </li>
          ))}
        </ul>
      </div>
      <SpecimenStatement />
    </section>
  );
}
