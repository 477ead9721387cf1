import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { requireUserPage } from "@/accounts/session";
import { hasPassword } from "@/auth/sessions";
import { getFeature } from "@/catalog/items";
import { PageHeader } from "@/components/ui/page-header";
import { db } from "@/db";
import { listLots } from "@/ledger/reads/balance";
import { now } from "@/lib/clock";
import { timeZoneOptions } from "@/lib/time-zones";
import { getPreferences, LOW_BALANCE_USES, lowBalanceThreshold } from "@/notifications/preferences";
import { product } from "@/product/current";
import { CLAIM_RETENTION_MONTHS } from "@/rewards/free-credits-rule";
import { DeleteAccountCard } from "./delete-account-card";
import { EmailCard } from "./email-card";
import { ExportCard } from "./export-card";
import { NoticesCard } from "./notices-card";
import { ProfileCard } from "./profile-card";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("settings");
  return { title: t("title") };
}

/** The choices for a low balance, in uses of the product's main feature. */
const THRESHOLD_USES = [1, LOW_BALANCE_USES, 5, 10, 20];

export default async function SettingsPage() {
  const user = await requireUserPage();
  const [knowsPassword, preferences, lots, t] = await Promise.all([
    hasPassword(db, user.id),
    getPreferences(db, user.id),
    listLots(db, { userId: user.id, now: now() }),
    getTranslations("settings"),
  ]);
  const { name, locale, timeZone, email, emailVerified } = user;
  const { cost } = getFeature(product.feature);
  return (
    <>
      <PageHeader title={t("title")} />
      <div className="grid max-w-2xl gap-6">
        <ProfileCard
          profile={{ name, locale, timeZone }}
          timeZones={timeZoneOptions(timeZone, locale)}
        />
        <EmailCard email={email} isVerified={emailVerified} hasPassword={knowsPassword} />
        <NoticesCard
          preferences={preferences}
          threshold={lowBalanceThreshold(preferences, { cost })}
          thresholds={THRESHOLD_USES.map((uses) => uses * cost)}
        />
        <ExportCard />
        <DeleteAccountCard
          hasPassword={knowsPassword}
          keptMonths={CLAIM_RETENTION_MONTHS}
          lost={lostCreditsOf(lots)}
        />
      </div>
    </>
  );
}

/** The credits that a deletion takes. */
function lostCreditsOf(lots: Awaited<ReturnType<typeof listLots>>) {
  const sum = (some: typeof lots) => some.reduce((total, { available }) => total + available, 0);
  return { credits: sum(lots), paid: sum(lots.filter(({ paid }) => paid)) };
}
