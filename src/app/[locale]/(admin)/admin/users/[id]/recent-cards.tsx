import { useTranslations } from "next-intl";
import type { ListedOutbox } from "@/admin/outbox";
import type { StoredConsent } from "@/billing/consumer-rights/supply-consent";
import type { Payment } from "@/billing/queries";
import { hrefOf } from "@/components/admin/hrefs";
import { DateTime } from "@/components/date-time";
import { Card, CardHeader } from "@/components/ui/card";
import { LinkButton } from "@/components/ui/link-button";
import {
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
} from "@/components/ui/table";
import type { Notice } from "@/notifications/notice";
import { OutboxTable } from "../../outbox/outbox-table";
import { PaymentsTable } from "../../payments-table";

/** The user's latest payments. */
export function PaymentsCard({
  userId,
  payments,
  consents,
  more,
}: {
  userId: string;
  payments: readonly Payment[];
  consents: readonly StoredConsent[];
  more: boolean;
}) {
  const t = useTranslations("admin.user");
  const all = more && (
    <LinkButton href={hrefOf("/admin/payments", { q: userId })} size="sm">
      {t("allPayments")}
    </LinkButton>
  );
  return (
    <Card>
      <CardHeader title={t("payments")} aside={all} />
      {payments.length === 0 ? (
        <p className="text-muted-foreground text-sm">{t("noPayments")}</p>
      ) : (
        <PaymentsTable payments={payments} consents={consents} />
      )}
    </Card>
  );
}

/** The latest emails to the user and Stripe calls about them. */
export function EmailsCard({
  userId,
  email,
  entries,
  more,
}: {
  userId: string;
  email: string;
  entries: readonly ListedOutbox[];
  more: boolean;
}) {
  const t = useTranslations("admin.mails");
  const all = more && (
    <LinkButton href={hrefOf("/admin/outbox", { q: userId })} size="sm">
      {t("all")}
    </LinkButton>
  );
  return (
    <Card>
      <CardHeader title={t("title")} description={t("description")} aside={all} />
      {entries.length === 0 ? (
        <p className="text-muted-foreground text-sm">{t("none")}</p>
      ) : (
        <OutboxTable rows={entries} emails={new Map([[userId, email]])} />
      )}
    </Card>
  );
}

/** The user's latest notices and when they were read. */
export function NoticesCard({ notices }: { notices: readonly Notice[] }) {
  const t = useTranslations("admin.notices");
  return (
    <Card>
      <CardHeader title={t("title")} description={t("description")} />
      {notices.length === 0 ? (
        <p className="text-muted-foreground text-sm">{t("none")}</p>
      ) : (
        <Table cards label={t("title")}>
          <TableHead>
            <tr>
              <TableHeader>{t("kind")}</TableHeader>
              <TableHeader numeric>{t("sentAt")}</TableHeader>
              <TableHeader numeric>{t("readAt")}</TableHeader>
            </tr>
          </TableHead>
          <TableBody>
            {notices.map(({ id, kind, createdAt, readAt }) => (
              <TableRow key={id}>
                <TableCell>{t(`kinds.${kind}`)}</TableCell>
                <TableCell numeric>
                  <DateTime instant={createdAt} />
                </TableCell>
                <TableCell numeric>
                  {readAt === null ? t("unread") : <DateTime instant={readAt} />}
                </TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      )}
    </Card>
  );
}
