import { Download, ExternalLink } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import type { BillingDocument } from "@/billing/purchases/documents";
import type { PaymentCursor } from "@/billing/queries";
import { itemName } from "@/catalog/items";
import { Credits } from "@/components/credits";
import { DateTime } from "@/components/date-time";
import { Money } from "@/components/money";
import { Badge } from "@/components/ui/badge";
import { Card, CardHeader } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { LinkButton } from "@/components/ui/link-button";
import { Pagination } from "@/components/ui/pagination";
import {
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
} from "@/components/ui/table";
import { formatInstant, formatMoney } from "@/lib/formats";
import { DocumentsFilter, type ShownFilter } from "./documents-filter";
import { formatPaymentCursor } from "./payment-cursor";

/** Every invoice and receipt, newest first, with its status, credits and links, and a search. */
export function DocumentsCard({
  page: { rows, nextBefore },
  filter,
  timeZone,
  isFirstPage,
}: {
  page: { rows: readonly BillingDocument[]; nextBefore: PaymentCursor | null };
  filter: ShownFilter;
  timeZone: string;
  isFirstPage: boolean;
}) {
  const t = useTranslations("billing.payments");
  const isFiltered = Boolean(filter.q) || filter.status !== null;
  const hrefOf = (before: string | null) => {
    const given = { q: filter.q ?? "", status: filter.status ?? "", before: before ?? "" };
    const query = new URLSearchParams(Object.entries(given).filter(([, value]) => value !== ""));
    return `/billing?${query}#payments` as const;
  };
  const isEmpty = rows.length === 0 && isFirstPage && !isFiltered;
  return (
    <Card id="payments" className="scroll-mt-32">
      <CardHeader title={t("title")} />
      {!isEmpty && <DocumentsFilter filter={filter} />}
      {rows.length === 0 ? (
        <EmptyState
          title={isFiltered ? t("noneFound") : t("none")}
          action={
            isFiltered && <LinkButton href="/billing#payments">{t("filter.clear")}</LinkButton>
          }
        />
      ) : (
        <Table label={t("caption")}>
          <TableHead>
            <tr>
              <TableHeader className="hidden w-36 sm:table-cell">{t("date")}</TableHeader>
              <TableHeader className="max-sm:ps-0">{t("item")}</TableHeader>
              <TableHeader numeric className="hidden sm:table-cell">
                {t("credits")}
              </TableHeader>
              <TableHeader numeric>{t("amount")}</TableHeader>
              <TableHeader>
                <span className="sr-only">{t("receipt")}</span>
              </TableHeader>
            </tr>
          </TableHead>
          <TableBody>
            {rows.map((document) => (
              <DocumentRow key={document.id} document={document} timeZone={timeZone} />
            ))}
          </TableBody>
        </Table>
      )}
      <Pagination
        newestHref={isFirstPage ? null : hrefOf(null)}
        olderHref={nextBefore && hrefOf(formatPaymentCursor(nextBefore))}
      />
    </Card>
  );
}

function DocumentRow({ document, timeZone }: { document: BillingDocument; timeZone: string }) {
  const t = useTranslations("billing.payments");
  const locale = useLocale();
  const { item, quantity, credits, money, number, status, at } = document;
  return (
    <TableRow id={document.id} className="target:bg-muted">
      <TableCell className="hidden text-muted-foreground sm:table-cell">
        <DateTime instant={at} kind="date" />
      </TableCell>
      <TableCell className="max-sm:ps-0">
        <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
          {quantity > 1 && t("quantity", { quantity })}
          {item === null ? t("invoice") : itemName(item, locale)}
          <Status document={document} />
        </span>
        <span className="block text-muted-foreground text-xs sm:hidden">
          <DateTime instant={at} kind="date" />
        </span>
        {number !== null && <span className="block text-muted-foreground text-xs">{number}</span>}
        {status === "pending" && (
          <span className="block text-muted-foreground text-xs">{t("pendingHint")}</span>
        )}
      </TableCell>
      <TableCell numeric className="hidden sm:table-cell">
        {credits !== null && <Credits amount={credits} />}
      </TableCell>
      <TableCell numeric>
        {money !== null && <Money {...money} />}
        {credits !== null && (
          <span className="block text-xs sm:hidden">
            <Credits amount={credits} />
          </span>
        )}
      </TableCell>
      <TableCell className="text-end">
        <Links document={document} timeZone={timeZone} />
      </TableCell>
    </TableRow>
  );
}

function Status({ document: { status, money, refundedCents } }: { document: BillingDocument }) {
  const t = useTranslations("billing.payments");
  const locale = useLocale();
  if (status === "refunded" && money !== null && refundedCents < money.amountCents) {
    const amount = formatMoney(refundedCents, money.currency, locale);
    return <Badge>{t("partlyRefunded", { amount })}</Badge>;
  }
  return <Badge tone={status === "open" ? "warning" : "neutral"}>{t(`status.${status}`)}</Badge>;
}

function Links({
  document: { pageUrl, pdfUrl, at, status },
  timeZone,
}: {
  document: BillingDocument;
  timeZone: string;
}) {
  const t = useTranslations("billing.payments");
  const locale = useLocale();
  const date = formatInstant(at, { locale, timeZone, style: "date" });
  const links = [
    { url: pdfUrl, icon: Download, label: t("pdfLabel", { date }) },
    {
      url: pageUrl,
      icon: ExternalLink,
      label: t(status === "open" ? "payLabel" : "receiptLabel", { date }),
    },
  ];
  return (
    <span className="inline-flex gap-3">
      {links.map(
        ({ url, icon: Icon, label }) =>
          url !== null && (
            <a
              key={label}
              href={url}
              target="_blank"
              rel="noreferrer"
              title={label}
              aria-label={label}
              className="-m-1.5 inline-flex p-1.5 text-muted-foreground hover:text-foreground"
            >
              <Icon aria-hidden="true" className="size-4" />
            </a>
          ),
      )}
    </span>
  );
}
