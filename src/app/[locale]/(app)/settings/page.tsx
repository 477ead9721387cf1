import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { requireUserPage } from "@/accounts/session";
import { hasPassword, listDevices } from "@/auth/sessions";
import { PageHeader } from "@/components/ui/page-header";
import { db } from "@/db";
import { clockOffsetMs, now } from "@/lib/clock";
import { timeZoneNames } from "@/lib/time-zones";
import { getPreferences } from "@/notifications/preferences";
import { CLAIM_RETENTION_MONTHS } from "@/rewards/free-credits-rule";
import { DeleteAccountCard } from "./delete-account-card";
import { DevicesCard } from "./devices-card";
import { EmailCard } from "./email-card";
import { NoticesCard } from "./notices-card";
import { PasswordCard } from "./password-card";
import { ProfileCard } from "./profile-card";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("settings");
  return { title: t("title") };
}

export default async function SettingsPage() {
  const user = await requireUserPage();
  const [devices, knowsPassword, preferences, t] = await Promise.all([
    listDevices(db, { userId: user.id, at: realNow() }),
    hasPassword(db, user.id),
    getPreferences(db, user.id),
    getTranslations("settings"),
  ]);
  const { name, locale, timeZone, email, emailVerified } = user;
  return (
    <>
      <PageHeader title={t("title")} />
      <div className="grid max-w-2xl gap-6">
        <ProfileCard profile={{ name, locale, timeZone }} timeZones={timeZoneNames(timeZone)} />
        <EmailCard email={email} isVerified={emailVerified} hasPassword={knowsPassword} />
        <NoticesCard preferences={preferences} />
        <PasswordCard hasPassword={knowsPassword} />
        <DevicesCard devices={devices} currentId={user.sessionId} />
        <DeleteAccountCard hasPassword={knowsPassword} keptMonths={CLAIM_RETENTION_MONTHS} />
      </div>
    </>
  );
}

/** Sessions expire in real time, even when the simulator's clock is ahead. */
function realNow(): Date {
  return new Date(now().getTime() - clockOffsetMs());
}
