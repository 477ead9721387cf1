import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { requireUserPage } from "@/accounts/session";
import { AccountAlerts } from "@/app/[locale]/(app)/account-alerts";
import { FollowBalance } from "@/app/[locale]/(app)/follow-balance";
import { nextMonthlyCredits } from "@/app/[locale]/(app)/next-monthly-credits";
import { toLiveBalance } from "@/app/[locale]/(app)/to-live-balance";
import { getMembership } from "@/billing/queries";
import { LinkButton } from "@/components/ui/link-button";
import { PageHeader } from "@/components/ui/page-header";
import { db } from "@/db";
import { getBalance, getDraws } from "@/ledger/reads/balance";
import { getLotHistories } from "@/ledger/reads/lot-history";
import { searchLedger } from "@/ledger/reads/search";
import { now } from "@/lib/clock";
import { getSignInStatus } from "@/rewards/daily-sign-in";
import { BalanceCard } from "./balance-card";
import { LowBalance } from "./low-balance";
import { RecentEntries } from "./recent-entries";
import { SignInCard } from "./sign-in-card";

const RECENT_ROWS = 6;

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("dashboard");
  return { title: t("title") };
}

export default async function DashboardPage() {
  const user = await requireUserPage();
  const at = now();
  const [balance, membership, signIn, recent, t] = await Promise.all([
    getBalance(db, { userId: user.id, at }),
    getMembership(db, { userId: user.id, at }),
    getSignInStatus(db, { userId: user.id, timeZone: user.timeZone, at }),
    searchLedger(db, { userId: user.id, filter: {}, turn: {}, limit: RECENT_ROWS, at }),
    getTranslations("dashboard"),
  ]);
  const nextMonth = nextMonthlyCredits(balance.nextAllotment, membership);
  const seqs = recent.rows.map((row) => row.seq);
  const [draws, histories] = await Promise.all([
    getDraws(db, { userId: user.id, seqs }),
    getLotHistories(db, { userId: user.id, at, lotSeqs: seqs }),
  ]);
  return (
    <>
      <FollowBalance rendered={balance.available} />
      <PageHeader
        title={t("title")}
        action={
          <LinkButton href="/bazi/new" variant="primary">
            {t("actions.reading")}
          </LinkButton>
        }
      />
      <AccountAlerts balance={balance} />
      <LowBalance balance={balance} nextMonth={nextMonth} />
      <div className="grid gap-6">
        <BalanceCard initial={toLiveBalance(balance, at)} nextMonth={nextMonth} />
        <SignInCard status={signIn} timeZone={user.timeZone} />
        <RecentEntries rows={recent.rows} draws={draws} histories={histories} />
      </div>
    </>
  );
}
