import { useLocale, useTranslations } from "next-intl";
import { FEATURE_COSTS, PACKS, PLANS, SIGN_UP_GIFT } from "@/catalog/catalog";
import { Credits } from "@/components/credits";
import { Badge } from "@/components/ui/badge";
import { formatInstant } from "@/lib/formats";

/** A sample of the ledger with the balance after each entry. */
export function SpecimenStatement() {
  const t = useTranslations("marketing.ledger");
  const pricing = useTranslations("pricing.packs.names");
  const rows = specimenRows();
  return (
    <div className="rounded-lg border bg-card p-5 shadow-sheet sm:p-7">
      <div className="flex justify-end pb-1">
        <Badge>{t("sample")}</Badge>
      </div>
      <table className="w-full border-collapse text-sm">
        <caption className="sr-only">{t("caption")}</caption>
        <thead>
          <tr className="border-foreground/70 border-b text-muted-foreground text-xs [&>th]:pb-2 [&>th]:font-normal">
            <th scope="col" className="text-start">
              {t("date")}
            </th>
            <th scope="col" className="px-3 text-start">
              {t("entry")}
            </th>
            <th scope="col" className="text-end">
              {t("amount")}
            </th>
            <th scope="col" className="hidden ps-5 text-end sm:table-cell">
              {t("balance")}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.line} className="border-b align-baseline last:border-0 [&>td]:py-2.5">
              <td className="text-muted-foreground">
                <Day at={row.at} />
              </td>
              <td className="px-3">
                {t(`rows.${row.key}`, { name: pricing("standard") })}
                {row.amount < 0 && (
                  <span className="block text-muted-foreground text-xs">{t("drawn")}</span>
                )}
              </td>
              <td className="whitespace-nowrap text-end">
                <Credits amount={row.amount} signed />
                <span className="block text-muted-foreground text-xs sm:hidden">
                  {t("balance")} <Credits amount={row.balance} />
                </span>
              </td>
              <td className="hidden ps-5 text-end sm:table-cell">
                <Credits amount={row.balance} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A sample first month in booking order, with amounts from the catalogue. */
function specimenRows() {
  const rows = [
    { key: "gift", day: 2, amount: SIGN_UP_GIFT.credits },
    { key: "free", day: 2, amount: PLANS.free.creditsPerMonth },
    { key: "reading", day: 4, amount: -FEATURE_COSTS["bazi-reading"] },
    { key: "pack", day: 11, amount: PACKS.standard.credits },
    { key: "reading", day: 19, amount: -FEATURE_COSTS["bazi-reading"] },
  ] as const;
  let balance = 0;
  return rows.map((row, line) => {
    balance += row.amount;
    return { ...row, line, balance, at: new Date(Date.UTC(2026, 2, row.day, 12)) };
  });
}

/** A sample date, so it stays in UTC in every browser. */
function Day({ at }: { at: Date }) {
  const text = formatInstant(at, { locale: useLocale(), timeZone: "UTC", style: "date" });
  return (
    <time dateTime={at.toISOString()} className="whitespace-nowrap">
      {text}
    </time>
  );
}
