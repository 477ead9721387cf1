import { ExternalLink } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import type { listPayments, listPendingPayments, Payment } from "@/billing/queries";
import { itemName } from "@/catalog/items";
import { Credits } from "@/components/credits";
import { DateTime } from "@/components/date-time";
import { Money } from "@/components/money";
import { Badge } from "@/components/ui/badge";
import { Card, CardHeader } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
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
import { formatPaymentCursor } from "./payment-cursor";

/** The payments, newest first, with their credits and refunds. Pending bank debits come first. */
export function PaymentsCard({
  page: { rows, nextBefore },
  pending,
  isFirstPage,
}: {
  page: Awaited<ReturnType<typeof listPayments>>;
  pending: Awaited<ReturnType<typeof listPendingPayments>>;
  isFirstPage: boolean;
}) {
  const t = useTranslations("billing.payments");
  const shownPending = isFirstPage ? pending : [];
  const older = nextBefore && new URLSearchParams({ before: formatPaymentCursor(nextBefore) });
  return (
    <Card id="payments" className="scroll-mt-32">
      <CardHeader title={t("title")} />
      {rows.length + shownPending.length === 0 ? (
        <EmptyState title={t("none")} />
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
            {shownPending.map(({ id, ...bought }) => (
              <PendingRow key={id} {...bought} />
            ))}
            {rows.map((payment) => (
              <PaymentRow key={payment.id} payment={payment} />
            ))}
          </TableBody>
        </Table>
      )}
      <Pagination
        newestHref={isFirstPage ? null : "/billing#payments"}
        olderHref={older && `/billing?${older}#payments`}
      />
    </Card>
  );
}

function PendingRow({ item, createdAt }: { item: string; createdAt: Date }) {
  const t = useTranslations("billing.payments");
  return (
    <TableRow>
      <TableCell className="hidden text-muted-foreground sm:table-cell">
        <DateTime instant={createdAt} kind="date" />
      </TableCell>
      <TableCell className="max-sm:ps-0" colSpan={4}>
        <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
          {itemName(item, useLocale())}
          <Badge>{t("pending")}</Badge>
        </span>
        <span className="block text-muted-foreground text-xs">{t("pendingHint")}</span>
      </TableCell>
    </TableRow>
  );
}

function PaymentRow({ payment }: { payment: Payment }) {
  const t = useTranslations("billing");
  const locale = useLocale();
  return (
    <TableRow>
      <TableCell className="hidden text-muted-foreground sm:table-cell">
        <DateTime instant={payment.paidAt} kind="date" />
      </TableCell>
      <TableCell className="max-sm:ps-0">
        <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
          {payment.quantity > 1 && t("payments.quantity", { quantity: payment.quantity })}
          {itemName(payment.item, locale)}
          <Refunded payment={payment} />
        </span>
        <span className="block text-muted-foreground text-xs sm:hidden">
          <DateTime instant={payment.paidAt} kind="date" />
        </span>
      </TableCell>
      <TableCell numeric className="hidden sm:table-cell">
        <Credits amount={payment.credits} />
      </TableCell>
      <TableCell numeric>
        <Money amountCents={payment.amountCents} currency={payment.currency} />
        <span className="block text-xs sm:hidden">
          <Credits amount={payment.credits} />
        </span>
      </TableCell>
      <TableCell className="w-10 text-end">
        <ReceiptLink payment={payment} />
      </TableCell>
    </TableRow>
  );
}

function Refunded({ payment: { refundedCents, amountCents, currency } }: { payment: Payment }) {
  const t = useTranslations("billing.payments");
  const locale = useLocale();
  if (refundedCents === 0) return null;
  return (
    <Badge>
      {refundedCents === amountCents
        ? t("refunded")
        : t("partlyRefunded", { amount: formatMoney(refundedCents, currency, locale) })}
    </Badge>
  );
}

function ReceiptLink({ payment: { receiptUrl, paidAt } }: { payment: Payment }) {
  const t = useTranslations("billing.payments");
  const locale = useLocale();
  if (receiptUrl === null) return null;
  const date = formatInstant(paidAt, { locale, timeZone: "UTC", style: "date" });
  return (
    <a
      href={receiptUrl}
      target="_blank"
      rel="noreferrer"
      className="inline-flex items-center gap-1 text-muted-foreground hover:text-foreground"
      aria-label={t("receiptLabel", { date })}
    >
      <ExternalLink aria-hidden="true" className="size-4" />
    </a>
  );
}
