import { randomUUID } from "node:crypto";
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { getTranslations, setRequestLocale } from "next-intl/server";
import { requireAdminPage } from "@/accounts/session";
import { userQuery } from "@/admin/users/user";
import { Link } from "@/components/link";
import { PageHeader } from "@/components/ui/page-header";
import { db } from "@/db";
import { now } from "@/lib/clock";
import { isLocale } from "@/lib/locales";
import { BanCard, DevicesCard, FrozenNotice } from "./access-cards";
import { AdjustForm } from "./adjust-form";
import { ApiCard } from "./api-card";
import { BalanceCard, HoldsCard } from "./balance-cards";
import { LedgerCard } from "./ledger-card";
import { readUserPage } from "./read-user-page";
import { EmailsCard, NoticesCard, PaymentsCard } from "./recent-cards";
import { SchedulesCard } from "./schedules-card";
import { UserCard } from "./user-card";
import { ViewButton } from "./view/view-button";

interface Props {
  params: Promise<{ locale: string; id: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

const EMAILS_SHOWN = 10;

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("admin.user"))("title") };
}

/** Everything about one user's credits. Balance and lots are as of any instant up to now. */
export default async function UserPage({ params, searchParams }: Props) {
  const admin = await requireAdminPage();
  const { locale, id } = await params;
  if (isLocale(locale)) setRequestLocale(locale);
  const t = await getTranslations("admin.user");
  const userId = decodeURIComponent(id);
  const { at: requestedAt, type, ...turn } = userQuery.parse(await searchParams);
  const requestTime = now();
  const at = requestedAt !== undefined && requestedAt < requestTime ? requestedAt : null;
  const read = await readUserPage(db, {
    userId,
    at,
    now: requestTime,
    turn,
    ...(type && { type }),
  });
  if (read === undefined) notFound();
  const { user, payments, emails } = read;
  return (
    <>
      <Link href="/admin/users" className="text-muted-foreground text-sm hover:text-foreground">
        ← {t("back")}
      </Link>
      <PageHeader
        title={user.email}
        description={user.name}
        action={user.deletedAt === null && <ViewButton userId={userId} formId={randomUUID()} />}
      />
      <div className="grid grid-cols-[minmax(0,1fr)] gap-6">
        {user.frozenAt && (
          <FrozenNotice
            userId={userId}
            frozenAt={user.frozenAt}
            reason={user.frozenReason}
            balance={read.currentBalance}
          />
        )}
        <UserCard user={user} membership={read.membership} />
        <BalanceCard
          at={at}
          now={requestTime}
          balance={read.balance}
          lots={read.lots}
          histories={read.histories}
        />
        {user.deletedAt === null && <AdjustForm userId={userId} formId={randomUUID()} />}
        <LedgerCard userId={userId} at={at} type={type} turn={turn} page={read.ledger} />
        <PaymentsCard
          userId={userId}
          payments={payments.rows}
          consents={read.consents}
          more={payments.nextBefore !== null}
        />
        <SchedulesCard schedules={read.schedules} failure={read.failure} now={requestTime} />
        <HoldsCard holds={read.holds} now={requestTime} />
        <NoticesCard notices={read.notices} />
        <EmailsCard
          userId={userId}
          email={user.email}
          entries={emails.rows.slice(0, EMAILS_SHOWN)}
          more={emails.rows.length > EMAILS_SHOWN || emails.older !== null}
        />
        <ApiCard services={read.services} usage={read.usage} />
        <DevicesCard userId={userId} devices={read.devices} />
        {user.deletedAt === null && admin.id !== userId && (
          <BanCard userId={userId} banned={user.banned} />
        )}
      </div>
    </>
  );
}
