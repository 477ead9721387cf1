import { randomUUID } from "node:crypto";
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { useTranslations } from "next-intl";
import { getTranslations, setRequestLocale } from "next-intl/server";
import { requireAdminPage } from "@/accounts/session";
import { readEventPage } from "@/admin/events/event-changes";
import type { StoredEvent } from "@/admin/events/events";
import { Facts, Json } from "@/components/admin/facts";
import { ReasonDialog } from "@/components/admin/reason-dialog";
import { EventStatusBadge } from "@/components/admin/status-badges";
import { UserLink } from "@/components/admin/user-link";
import { DateTime } from "@/components/date-time";
import { Link } from "@/components/link";
import { Card, CardHeader } from "@/components/ui/card";
import { PageHeader } from "@/components/ui/page-header";
import { db } from "@/db";
import { isLocale } from "@/lib/locales";
import { StripeId } from "../../stripe-id";
import { closeEvent } from "../actions";
import { ChangesCard } from "./changes-card";
import { ReplayButton } from "./replay-button";

interface Props {
  params: Promise<{ locale: string; id: string }>;
}

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("admin.events"))("event") };
}

/** One Stripe event: its state, what it changed and its payload. */
export default async function EventPage({ params }: Props) {
  await requireAdminPage();
  const { locale, id } = await params;
  if (isLocale(locale)) setRequestLocale(locale);
  const t = await getTranslations("admin.events");
  const close = await getTranslations("admin.close");
  const found = await readEventPage(db, decodeURIComponent(id));
  if (found === undefined) notFound();
  const { event, changes } = found;
  return (
    <>
      <Link href="/admin/events" className="text-muted-foreground text-sm hover:text-foreground">
        ← {t("back")}
      </Link>
      <PageHeader
        title={event.type}
        action={
          <div className="flex gap-2">
            {event.status === "dead" && (
              <ReasonDialog
                label={close("act")}
                title={close("eventQuestion")}
                description={close("eventExplanation")}
                destructive
                action={closeEvent}
                input={{ id: randomUUID(), eventId: event.id }}
              />
            )}
            {event.status !== "handled" && (
              <ReplayButton eventId={event.id} formId={randomUUID()} />
            )}
          </div>
        }
      />
      <div className="grid grid-cols-[minmax(0,1fr)] gap-6">
        <Card>
          <EventFacts event={event} />
        </Card>
        <ChangesCard changes={changes} />
        <Card>
          <CardHeader title={t("payload")} description={t("payloadHint")} />
          <Json value={event.payload} />
        </Card>
      </div>
    </>
  );
}

function EventFacts({ event }: { event: StoredEvent }) {
  const t = useTranslations("admin.events");
  const common = useTranslations("common");
  const idOr = (id: string | null) => (id ? <StripeId id={id} /> : common("none"));
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
