import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import type { EventChanges } from "@/admin/events/event-changes";
import { Facts, Identifier } from "@/components/admin/facts";
import { hrefOf } from "@/components/admin/hrefs";
import { ItemName } from "@/components/admin/item-name";
import { UserLink } from "@/components/admin/user-link";
import { Credits } from "@/components/credits";
import { DateTime } from "@/components/date-time";
import { Link } from "@/components/link";
import { Card, CardHeader } from "@/components/ui/card";
import {
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
} from "@/components/ui/table";
import { OutboxTable } from "../../outbox/outbox-table";
import { PaymentsTable } from "../../payments-table";

/** Every stored row that the event is about, with links. */
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

/** The user, the checkout session, the subscriptions, the schedules and the notices. */
function ChangedFacts({ changes }: { changes: EventChanges }) {
  const t = useTranslations("admin.changes");
  const { user, session, subscriptions, schedules, notices } = changes;
  const facts = [
    ...(user
      ? [
          {
            label: t("user"),
            value: <UserLink userId={user.id} emails={new Map([[user.id, user.email]])} />,
          },
        ]
      : []),
    ...(session ? [{ label: t("session"), value: <Session session={session} /> }] : []),
    ...subscriptions.map((subscription) => ({
      label: t("subscription"),
      value: <Subscription subscription={subscription} />,
    })),
    ...schedules.map((schedule) => ({
      label: t("schedule"),
      value: <Schedule schedule={schedule} />,
    })),
    ...notices.map((notice) => ({ label: t("notice"), value: <Notice notice={notice} /> })),
  ];
  return <Facts facts={facts} />;
}

function Session({ session }: { session: NonNullable<EventChanges["session"]> }) {
  return (
    <>
      <ItemName item={session.item} /> · <Identifier>{session.status}</Identifier> ·{" "}
      <Identifier>{session.id}</Identifier>
    </>
  );
}

function Subscription({
  subscription: { id, plan, status, currentPeriodEndAt },
}: {
  subscription: EventChanges["subscriptions"][number];
}) {
  const t = useTranslations("admin.changes");
  return (
    <>
      {plan && <ItemName item={plan} />} · <Identifier>{status}</Identifier>
      {currentPeriodEndAt && (
        <>
          {" · "}
          {t.rich("periodEnds", { instant: () => <DateTime instant={currentPeriodEndAt} /> })}
        </>
      )}
      {" · "}
      <Identifier>{id}</Identifier>
    </>
  );
}

function Schedule({
  schedule: { id, credits, nextDueAt, endedAt, suspendedAt },
}: {
  schedule: EventChanges["schedules"][number];
}) {
  const t = useTranslations("admin.changes");
  return (
    <>
      <Credits amount={credits} />
      {" · "}
      {endedAt || !nextDueAt
        ? t(suspendedAt && !endedAt ? "suspended" : "over")
        : t.rich("nextDue", { instant: () => <DateTime instant={nextDueAt} /> })}
      {" · "}
      <Identifier>{id}</Identifier>
    </>
  );
}

function Notice({ notice: { kind, createdAt } }: { notice: EventChanges["notices"][number] }) {
  const t = useTranslations("admin.notices.kinds");
  return (
    <>
      {t(kind)} · <DateTime instant={createdAt} />
    </>
  );
}

/** Ledger rows of a purchase, each linked to its page of the user's ledger. */
function ChangedLedger({ userId, rows }: { userId: string; rows: EventChanges["ledger"] }) {
  const t = useTranslations("admin.user");
  const types = useTranslations("credits.types");
  const path = `/admin/users/${encodeURIComponent(userId)}`;
  return (
    <Table cards label={t("ledger")}>
      <TableHead>
        <tr>
          <TableHeader numeric>{t("seq")}</TableHeader>
          <TableHeader>{t("type")}</TableHeader>
          <TableHeader>{t("source")}</TableHeader>
          <TableHeader numeric>{t("bookedAt")}</TableHeader>
          <TableHeader numeric>{t("amount")}</TableHeader>
        </tr>
      </TableHead>
      <TableBody>
        {rows.map((row) => (
          <TableRow key={row.seq}>
            <TableCell numeric>
              <Link
                href={`${hrefOf(path, { before: row.seq + 1 })}#ledger`}
                className="underline decoration-border underline-offset-4 hover:decoration-current"
              >
                {row.seq}
              </Link>
            </TableCell>
            <TableCell className="whitespace-nowrap">{types(`${row.type}.label`)}</TableCell>
            <TableCell className="min-w-40 break-all font-mono text-xs">
              {row.idempotencyKey}
            </TableCell>
            <TableCell numeric>
              <DateTime instant={row.bookedAt} />
            </TableCell>
            <TableCell numeric>
              <Credits amount={row.amount} signed />
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}
