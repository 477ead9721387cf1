import { useTranslations } from "next-intl";
import type { ListedOutbox } from "@/admin/outbox";
import { addressOf } from "@/components/admin/address";
import { Card, CardHeader } from "@/components/ui/card";
import { LinkButton } from "@/components/ui/link-button";
import { OutboxTable } from "../../outbox/outbox-table";

/** The mails to this person and the calls to Stripe about them, what failed with a way to resend it. */
export function MailsCard({
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
    <LinkButton href={addressOf("/admin/outbox", { q: userId })} size="sm">
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
