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
import { AdjustForm } from "./adjust-form";
import { BalanceCard } from "./balance-card";
import { BanCard } from "./ban-card";
import { DevicesCard } from "./devices-card";
import { FrozenNotice } from "./frozen-notice";
import { HoldsCard } from "./holds-card";
import { LedgerCard } from "./ledger-card";
import { MailsCard } from "./mails-card";
import { NoticesCard } from "./notices-card";
import { PaymentsCard } from "./payments-card";
import { readUserPage } from "./read-user-page";
import { SchedulesCard } from "./schedules-card";
import { UserCard } from "./user-card";

interface Props {
  params: Promise<{ locale: string; id: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

const MAILS_SHOWN = 10;

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("admin.user"))("title") };
}

/** Everything about one person's credits; balance and lots as of any instant up to now. */
export default async function UserPage({ params, searchParams }: Props) {
  const admin = await requireAdminPage();
  const { locale, id } = await params;
  if (isLocale(locale)) setRequestLocale(locale);
  const t = await getTranslations("admin.user");
  const userId = decodeURIComponent(id);
  const { at: asked, type, ...turn } = userQuery.parse(await searchParams);
  const present = now();
  const at = asked !== undefined && asked < present ? asked : null;
  const read = await readUserPage(db, { userId, at, now: present, turn, ...(type && { type }) });
  if (read === undefined) notFound();
  const { user, balance, lots, histories, ledger, membership } = read;
  const { payments, schedules, failure, holds, notices, mails, devices } = read;
  return (
    <>
      <Link href="/admin/users" className="text-muted-foreground text-sm hover:text-foreground">
        ← {t("back")}
      </Link>
      <PageHeader title={user.email} description={user.name} />
      <div className="grid grid-cols-[minmax(0,1fr)] gap-6">
        {user.frozenAt && (
          <FrozenNotice
            userId={userId}
            formId={randomUUID()}
            frozenAt={user.frozenAt}
            reason={user.frozenReason}
          />
        )}
        <UserCard user={user} membership={membership} />
        <BalanceCard at={at} now={present} balance={balance} lots={lots} histories={histories} />
        {user.deletedAt === null && <AdjustForm userId={userId} formId={randomUUID()} />}
        <LedgerCard userId={userId} at={at} type={type} turn={turn} page={ledger} />
        <PaymentsCard
          userId={userId}
          payments={payments.rows}
          more={payments.nextBefore !== null}
        />
        <SchedulesCard schedules={schedules} failure={failure} />
        <HoldsCard holds={holds} now={present} />
        <NoticesCard notices={notices} />
        <MailsCard
          userId={userId}
          email={user.email}
          entries={mails.rows.slice(0, MAILS_SHOWN)}
          more={mails.rows.length > MAILS_SHOWN || mails.older !== null}
        />
        <DevicesCard userId={userId} devices={devices} />
        {user.deletedAt === null && admin.id !== userId && (
          <BanCard userId={userId} banned={user.banned} formId={randomUUID()} />
        )}
      </div>
    </>
  );
}
