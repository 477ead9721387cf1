import { randomUUID } from "node:crypto";
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { getTranslations, setRequestLocale } from "next-intl/server";
import { requireAdminPage } from "@/accounts/session";
import { readEventPage } from "@/admin/events/event-changes";
import { Json } from "@/components/admin/json";
import { Link } from "@/components/link";
import { Card, CardHeader } from "@/components/ui/card";
import { PageHeader } from "@/components/ui/page-header";
import { db } from "@/db";
import { isLocale } from "@/lib/locales";
import { ChangesCard } from "./changes-card";
import { CloseButton } from "./close-button";
import { EventFacts } from "./event-facts";
import { ReplayButton } from "./replay-button";

interface Props {
  params: Promise<{ locale: string; id: string }>;
}

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("admin.events"))("event") };
}

/** One Stripe event: what came, what was done with it, what that changed, and the replay. */
export default async function EventPage({ params }: Props) {
  await requireAdminPage();
  const { locale, id } = await params;
  if (isLocale(locale)) setRequestLocale(locale);
  const t = await getTranslations("admin.events");
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
            {event.status === "dead" && <CloseButton eventId={event.id} formId={randomUUID()} />}
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
