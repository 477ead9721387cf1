import { useLocale, useTranslations } from "next-intl";
import { catalog } from "@/catalog/catalog";
import { getFeature, itemName, listPacks } from "@/catalog/items";
import { Credits } from "@/components/credits";
import { Badge } from "@/components/ui/badge";
import { formatInstant } from "@/lib/formats";
import type { Locale } from "@/lib/locales";
import { product } from "@/product/current";

/** A sample of the ledger with the balance after each entry. */
export function SpecimenStatement() {
  const t = useTranslations("marketing.ledger");
  const locale = useLocale();
  const rows = specimenRows(locale);
  return (
    <div className="rounded-lg border bg-card p-5 shadow-sheet sm:p-7">
      <div className="flex justify-end pb-1">
        <Badge>{t("sample")}</Badge>
      </div>
      <table className="w-full border-collapse text-sm">
        <caption className="sr-only">{t("caption")}</caption>
        <thead>
          <tr className="border-foreground/70 border-b text-muted-foreground text-xs [&>th]:pb-2 [&>th]:font-normal">
            <th scope="col" className="hidden text-start sm:table-cell">
              {t("date")}
            </th>
            <th scope="col" className="pe-2 text-start sm:px-3">
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
              <td className="hidden text-muted-foreground sm:table-cell">
                <Day at={row.at} />
              </td>
              <td className="pe-2 sm:px-3">
                {"name" in row ? row.name : t(`rows.${row.key}`)}
                <span className="block text-muted-foreground text-xs sm:hidden">
                  <Day at={row.at} />
                </span>
                {row.amount < 0 && (
                  <span className="block text-muted-foreground text-xs">{t("drawn")}</span>
                )}
              </td>
              <td className="text-end sm:whitespace-nowrap">
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
function specimenRows(locale: Locale) {
  const feature = getFeature(product.feature);
  const pack = listPacks().find(({ popular }) => popular) ?? listPacks()[0];
  const rows = [
    { key: "gift", day: 2, amount: catalog.signUpGift.credits },
    { key: "free", day: 2, amount: catalog.freePlan.creditsPerMonth },
    { name: feature.name[locale], day: 4, amount: -feature.cost },
    ...(pack === undefined
      ? []
      : [{ name: itemName(pack.id, locale), day: 11, amount: pack.credits }]),
    { name: feature.name[locale], day: 19, amount: -feature.cost },
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
