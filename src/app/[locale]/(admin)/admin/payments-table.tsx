import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import type { StoredConsent } from "@/billing/consumer-rights/supply-consent";
import type { Payment } from "@/billing/queries";
import { ItemName } from "@/components/admin/item-name";
import { UserLink } from "@/components/admin/user-link";
import { Credits } from "@/components/credits";
import { DateTime } from "@/components/date-time";
import { Money } from "@/components/money";
import { Badge } from "@/components/ui/badge";
import {
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
} from "@/components/ui/table";
import { StripeId } from "./stripe-id";

/**
 * Payments with refunds, disputes and money owed. `emails` adds a column with the user, `settle` a
 * button to payments for which money is owed.
 */
export function PaymentsTable({
  payments,
  emails,
  settle,
  consents = [],
}: {
  payments: readonly Payment[];
  emails?: ReadonlyMap<string, string>;
  settle?: (payment: Payment) => ReactNode;
  /** The owner's consents to immediate supply, newest first. */
  consents?: readonly StoredConsent[];
}) {
  const t = useTranslations("admin.payments");
  return (
    <Table cards label={t("title")}>
      <TableHead>
        <tr>
          <TableHeader>{t("paidAt")}</TableHeader>
          <TableHeader>{t("item")}</TableHeader>
          {emails && <TableHeader>{t("user")}</TableHeader>}
          <TableHeader>{t("id")}</TableHeader>
          <TableHeader numeric>{t("credits")}</TableHeader>
          <TableHeader numeric>{t("amount")}</TableHeader>
        </tr>
      </TableHead>
      <TableBody>
        {payments.map((payment) => (
          <TableRow key={payment.id}>
            <TableCell>
              <DateTime instant={payment.paidAt} />
            </TableCell>
            <TableCell className="whitespace-nowrap">
              <ItemName item={payment.item} />
              <Consent consent={consentOf(payment, consents)} />
            </TableCell>
            {emails && (
              <TableCell className="min-w-48">
                <UserLink userId={payment.userId} emails={emails} />
              </TableCell>
            )}
            <TableCell className="min-w-40">
              <StripeId id={payment.id} page={refundableOf(payment)} />
            </TableCell>
            <TableCell numeric>
              <Credits amount={payment.credits} />
            </TableCell>
            <TableCell numeric>
              <Money amountCents={payment.amountCents} currency={payment.currency} />
              {(["refunded", "disputed"] as const).map(
                (back) =>
                  payment[`${back}Cents`] > 0 && (
                    <Badge key={back} tone="warning" className="ms-2">
                      {t(back)}{" "}
                      <Money amountCents={payment[`${back}Cents`]} currency={payment.currency} />
                    </Badge>
                  ),
              )}
              {payment.owedCents > 0 && (
                <>
                  <Badge tone="destructive" className="ms-2">
                    {t("owed")}{" "}
                    <Money amountCents={payment.owedCents} currency={payment.currency} />
                  </Badge>
                  {settle && <div className="mt-2">{settle(payment)}</div>}
                </>
              )}
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

/** What is refunded: the invoice of a subscription, and the payment of a one-time purchase. */
function refundableOf({ sessionId, invoiceId, paymentIntentId }: Payment): string {
  return (sessionId === null ? invoiceId : null) ?? paymentIntentId ?? "";
}

function consentOf(
  { sessionId, paidAt }: Payment,
  consents: readonly StoredConsent[],
): StoredConsent | undefined {
  return consents.find((consent) =>
    sessionId === null
      ? consent.kind === "subscription" && consent.consentedAt <= paidAt
      : consent.sessionId === sessionId,
  );
}

/** What the buyer agreed to; the text is on hover. */
function Consent({ consent }: { consent: StoredConsent | undefined }) {
  const t = useTranslations("admin.payments");
  if (consent === undefined) return null;
  const { version, locale: language, consentedAt, text } = consent;
  return (
    <span title={text} className="block text-muted-foreground text-xs">
      {t.rich("consent", {
        version,
        language,
        time: () => <DateTime instant={consentedAt} />,
      })}
    </span>
  );
}
