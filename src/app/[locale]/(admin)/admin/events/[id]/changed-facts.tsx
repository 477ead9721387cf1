import { useTranslations } from "next-intl";
import type { EventChanges } from "@/admin/events/event-changes";
import { Facts } from "@/components/admin/facts";
import { Identifier } from "@/components/admin/identifier";
import { ItemName } from "@/components/admin/item-name";
import { UserLink } from "@/components/admin/user-link";
import { Credits } from "@/components/credits";
import { DateTime } from "@/components/date-time";

/** Whose the event is, and the checkout, subscriptions, monthly credits and notices that belong to it. */
export function ChangedFacts({ changes }: { changes: EventChanges }) {
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
