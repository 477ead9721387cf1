import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import type { EventChanges } from "@/admin/events/event-changes";
import { PaymentsTable } from "@/components/admin/payments-table";
import { Card, CardHeader } from "@/components/ui/card";
import { OutboxTable } from "../../outbox/outbox-table";
import { ChangedFacts } from "./changed-facts";
import { ChangedLedger } from "./changed-ledger";

/** All that we keep about what the event is about, with ways to where each is at home. */
export function ChangesCard({ changes }: { changes: EventChanges }) {
  const t = useTranslations("admin.changes");
  const { user, payments, session, subscriptions, ledger, outbox } = changes;
  if (!user && !session && payments.length === 0 && subscriptions.length === 0)
    return (
      <Card>
        <CardHeader title={t("title")} description={t("nothing")} />
      </Card>
    );
  return (
    <Card>
      <CardHeader title={t("title")} description={t("description")} />
      <div className="grid grid-cols-[minmax(0,1fr)] gap-8">
        <ChangedFacts changes={changes} />
        {payments.length > 0 && (
          <Part title={t("payments")}>
            <PaymentsTable payments={payments} />
          </Part>
        )}
        {user && ledger.length > 0 && (
          <Part title={t("ledger")}>
            <ChangedLedger userId={user.id} rows={ledger} />
          </Part>
        )}
        {user && outbox.length > 0 && (
          <Part title={t("outbox")}>
            <OutboxTable rows={outbox} emails={new Map([[user.id, user.email]])} />
          </Part>
        )}
      </div>
    </Card>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="grid grid-cols-[minmax(0,1fr)] gap-3">
      <h3 className="font-medium text-sm">{title}</h3>
      {children}
    </section>
  );
}
