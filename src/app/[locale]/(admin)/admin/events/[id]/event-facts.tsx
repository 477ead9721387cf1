import { useTranslations } from "next-intl";
import type { StoredEvent } from "@/admin/events/events";
import { EventStatusBadge } from "@/components/admin/event-status";
import { Facts } from "@/components/admin/facts";
import { Identifier } from "@/components/admin/identifier";
import { UserLink } from "@/components/admin/user-link";
import { DateTime } from "@/components/date-time";

export function EventFacts({ event }: { event: StoredEvent }) {
  const t = useTranslations("admin.events");
  const common = useTranslations("common");
  const idOr = (id: string | null) => (id ? <Identifier>{id}</Identifier> : common("none"));
  const instant = (label: string, at: Date | null) =>
    at === null ? [] : [{ label, value: <DateTime instant={at} /> }];
  const facts = [
    { label: t("status"), value: <EventStatusBadge status={event.status} /> },
    ...(event.outcome ? [{ label: t("outcome"), value: event.outcome }] : []),
    ...(event.lastError ? [{ label: t("lastError"), value: event.lastError }] : []),
    { label: t("attempts"), value: event.attempts },
    { label: t("id"), value: idOr(event.id) },
    { label: t("object"), value: idOr(event.objectId) },
    {
      label: t("user"),
      value: event.userId ? <UserLink userId={event.userId} /> : common("none"),
    },
    { label: t("apiVersion"), value: event.apiVersion ?? common("none") },
    { label: t("mode"), value: event.livemode ? t("live") : t("test") },
    ...instant(t("createdAt"), event.createdAt),
    ...instant(t("receivedAt"), event.receivedAt),
    ...instant(t("handledAt"), event.handledAt),
    ...instant(t("nextAttemptAt"), event.nextAttemptAt),
  ];
  return <Facts facts={facts} />;
}
