import { useLocale, useTranslations } from "next-intl";
import { ByCurrency } from "@/app/currency/by-currency";
import { itemName, listPacks, type PackItem } from "@/catalog/items";
import { Credits } from "@/components/credits";
import { Money } from "@/components/money";
import { Badge } from "@/components/ui/badge";
import { buttonVariants } from "@/components/ui/button";
import {
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
} from "@/components/ui/table";
import { useCreditsText } from "@/components/use-credits-text";
import { FORMAT_LOCALES, formatMoney } from "@/lib/formats";
import { BuyButton } from "./checkout";
import { useCheckoutTexts } from "./checkout-texts";
import { debtText } from "./debt-text";
import { formatPricePerCredit } from "./price-per-credit";
import { ViewerDebt } from "./viewer-debt";

/**
 * The price list of the packs: credits, price in each currency, price per credit and validity. With
 * `debt`, each pack says what remains of it; null on a static page, where the browser asks for it.
 */
export function PackTable({
  currencies,
  debt,
}: {
  currencies: readonly string[];
  debt: number | null;
}) {
  const t = useTranslations("pricing.packs");
  const buy = useTranslations("pricing.buy");
  return (
    <Table label={t("caption")} className="max-sm:[&_:is(td,th)]:px-1.5">
      <TableHead>
        <tr>
          <TableHeader>{t("name")}</TableHeader>
          <TableHeader numeric className="hidden sm:table-cell">
            {t("credits")}
          </TableHeader>
          <TableHeader numeric>{t("price")}</TableHeader>
          <TableHeader numeric className="hidden sm:table-cell">
            {t("perCredit")}
          </TableHeader>
          <TableHeader numeric className="hidden md:table-cell">
            {t("expires")}
          </TableHeader>
          <TableHeader>
            <span className="sr-only">{buy("pack")}</span>
          </TableHeader>
        </tr>
      </TableHead>
      <TableBody>
        {listPacks().map((pack) => (
          <PackRow key={pack.id} pack={pack} currencies={currencies} debt={debt} />
        ))}
      </TableBody>
    </Table>
  );
}

function PackRow({
  pack,
  currencies,
  debt,
}: {
  pack: PackItem;
  currencies: readonly string[];
  debt: number | null;
}) {
  const t = useTranslations("pricing.packs");
  const buy = useTranslations("pricing.buy");
  const locale = useLocale();
  const credits = useCreditsText();
  const texts = useCheckoutTexts();
  const amountIn = (currency: string) => pack.amounts[currency] ?? 0;
  const perCredit = (
    <ByCurrency currencies={currencies}>
      {(currency) =>
        formatPricePerCredit(
          { amount: amountIn(currency), currency, credits: pack.credits },
          locale,
        )
      }
    </ByCurrency>
  );
  const validity = pack.expireDays === null ? t("never") : t("days", { days: pack.expireDays });
  const note = {
    text: t("debt", { taken: "<taken>", left: "<left>" }),
    credits: pack.credits,
    numberLocale: FORMAT_LOCALES[locale],
  };
  return (
    <TableRow className="[&>td]:align-middle">
      <TableCell className="font-medium">
        <span className="flex flex-wrap items-center gap-2">
          {itemName(pack.id, locale)}
          {pack.popular && <Badge>{t("popular")}</Badge>}
        </span>
        <span className="block font-normal text-muted-foreground sm:hidden">
          <Credits amount={pack.credits} />
        </span>
        <span className="block font-normal text-muted-foreground text-xs md:hidden">
          {t("expires")} {validity}
        </span>
        <span className="block font-normal text-destructive text-xs">
          {debt === null ? <ViewerDebt {...note} /> : debt > 0 && debtText({ ...note, debt })}
        </span>
      </TableCell>
      <TableCell numeric className="hidden sm:table-cell">
        <Credits amount={pack.credits} />
      </TableCell>
      <TableCell numeric>
        <ByCurrency currencies={currencies}>
          {(currency) => <Money amountCents={amountIn(currency)} currency={currency} />}
        </ByCurrency>
        <span className="block text-muted-foreground text-xs sm:hidden">{perCredit}</span>
      </TableCell>
      <TableCell numeric className="hidden text-muted-foreground sm:table-cell">
        {perCredit}
      </TableCell>
      <TableCell numeric className="hidden text-muted-foreground md:table-cell">
        {validity}
      </TableCell>
      <TableCell numeric>
        <BuyButton
          item={pack.id}
          currencies={currencies}
          texts={texts}
          className={buttonVariants({ size: "sm" })}
        >
          <span aria-hidden="true">{buy("pack")}</span>
          <span className="sr-only">
            <ByCurrency currencies={currencies}>
              {(currency) =>
                buy("packLabel", {
                  credits: credits(pack.credits),
                  price: formatMoney(amountIn(currency), currency, locale),
                })
              }
            </ByCurrency>
          </span>
        </BuyButton>
      </TableCell>
    </TableRow>
  );
}
