import type { Metadata } from "next";
import { useTranslations } from "next-intl";
import { getLocale, getTranslations } from "next-intl/server";
import { requireUserPage } from "@/accounts/session";
import { AccountAlerts } from "@/app/[locale]/(app)/account-alerts";
import { type EntryName, readEntryNames } from "@/app/[locale]/(app)/credits/entry-names";
import { type Draw, LedgerTable } from "@/app/[locale]/(app)/credits/ledger-table";
import { FollowBalance } from "@/app/[locale]/(app)/follow-balance";
import {
  type NextMonthlyCredits,
  nextMonthlyCredits,
} from "@/app/[locale]/(app)/next-monthly-credits";
import { WithheldCreditsAlert } from "@/app/[locale]/(app)/withheld-credits-alert";
import { getMembership } from "@/billing/queries";
import { getFeature } from "@/catalog/items";
import { toLiveBalance } from "@/components/balance/to-live-balance";
import { DateTime } from "@/components/date-time";
import { Alert } from "@/components/ui/alert";
import { Card, CardHeader } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { LinkButton } from "@/components/ui/link-button";
import { PageHeader } from "@/components/ui/page-header";
import { useCreditsText } from "@/components/use-credits-text";
import { db } from "@/db";
import { type Balance, getBalance, getDraws } from "@/ledger/reads/balance";
import { getLotHistories, type LotHistory as History } from "@/ledger/reads/lot-history";
import { type LedgerEntry, searchLedger } from "@/ledger/reads/search";
import { now } from "@/lib/clock";
import { product } from "@/product/current";
import { dashboardCard as DashboardCard } from "@/product/current-dashboard-card";
import { getSignInStatus } from "@/rewards/daily-sign-in";
import { getWithheldCredits } from "@/rewards/free-credits";
import { BalanceCard } from "./balance-card";
import { FirstSteps } from "./first-steps";
import { SignInCard } from "./sign-in-card";

const RECENT_ROWS = 6;
const LOW_TEXTS = {
  on: "textAllotment",
  onRenewal: "textRenewal",
  onFirstPayment: "textFirstPayment",
  soon: "textSoon",
} as const;

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("dashboard");
  return { title: t("title") };
}

export default async function DashboardPage() {
  const user = await requireUserPage();
  const at = now();
  const [balance, membership, signIn, recent, used, withheld, t, words] = await Promise.all([
    getBalance(db, { userId: user.id, now: at }),
    getMembership(db, { userId: user.id, at }),
    getSignInStatus(db, { userId: user.id, timeZone: user.timeZone, at }),
    searchLedger(db, { userId: user.id, filter: {}, turn: {}, limit: RECENT_ROWS, now: at }),
    searchLedger(db, {
      userId: user.id,
      filter: { type: "USAGE" },
      turn: {},
      limit: 1,
      now: at,
    }),
    getWithheldCredits(db, { userId: user.id, at }),
    getTranslations("dashboard"),
    getTranslations("product"),
  ]);
  const nextMonth = nextMonthlyCredits(balance.nextAllotment, membership, { at });
  const seqs = recent.rows.map((row) => row.seq);
  const [names, draws, histories] = await Promise.all([
    readEntryNames(db, {
      userId: user.id,
      rows: recent.rows,
      locale: await getLocale(),
      timeZone: user.timeZone,
    }),
    getDraws(db, { userId: user.id, seqs }),
    getLotHistories(db, { userId: user.id, now: at, lotSeqs: seqs }),
  ]);
  return (
    <>
      <FollowBalance rendered={balance.available} />
      <PageHeader
        title={t("title")}
        action={
          <LinkButton href={product.startHref} variant="primary">
            {words("start")}
          </LinkButton>
        }
      />
      <AccountAlerts balance={balance} />
      <WithheldCreditsAlert withheld={withheld} isVerified={user.emailVerified} />
      {withheld === null && !user.emailVerified && <VerifyAddress email={user.email} />}
      <LowBalance balance={balance} nextMonth={nextMonth} />
      <div className="grid grid-cols-1 gap-6">
        <BalanceCard
          initial={toLiveBalance(balance, at)}
          nextMonth={nextMonth}
          cost={getFeature(product.feature).cost}
        />
        <FirstSteps
          isVerified={user.emailVerified}
          hasUsed={used.rows.length > 0}
          hasClaimed={signIn.isDone || signIn.streak > 0}
        />
        <SignInCard status={signIn} timeZone={user.timeZone} />
        {DashboardCard && <DashboardCard userId={user.id} />}
        <RecentEntries rows={recent.rows} draws={draws} histories={histories} names={names} />
      </div>
    </>
  );
}

/** Asks to verify the address. Withheld credits ask for it themselves. */
function VerifyAddress({ email }: { email: string }) {
  const t = useTranslations("dashboard.verify");
  return (
    <Alert
      title={t("title")}
      className="mb-6 [overflow-wrap:anywhere]"
      action={
        <LinkButton href="/settings" size="sm">
          {t("action")}
        </LinkButton>
      }
    >
      {t("text", { email })}
    </Alert>
  );
}

/** Warns that the balance is too low for the product, and shows when the next credits arrive. */
function LowBalance({
  balance,
  nextMonth,
}: {
  balance: Balance;
  nextMonth: NextMonthlyCredits | null;
}) {
  const t = useTranslations("dashboard.low");
  const words = useTranslations("product");
  const credits = useCreditsText();
  const cost = getFeature(product.feature).cost;
  if (balance.available >= cost) return null;
  const figures = {
    price: words("price", { cost: credits(cost) }),
    available: credits(Math.max(0, balance.available)),
  };
  return (
    <Alert
      title={t("title")}
      className="mb-6"
      action={
        <LinkButton href="/pricing#packs" size="sm">
          {t("action")}
        </LinkButton>
      }
    >
      {nextMonth === null
        ? t("text", figures)
        : t.rich(LOW_TEXTS[nextMonth.how], {
            ...figures,
            credits: credits(nextMonth.credits),
            date: () => <DateTime instant={nextMonth.dueAt} kind="date" />,
          })}
    </Alert>
  );
}

function RecentEntries({
  rows,
  draws,
  histories,
  names,
}: {
  rows: readonly LedgerEntry[];
  draws: readonly Draw[];
  histories: ReadonlyMap<number, History>;
  names: ReadonlyMap<number, EntryName>;
}) {
  const t = useTranslations("dashboard.recent");
  const ledger = useTranslations("credits.ledger");
  return (
    <Card>
      <CardHeader
        title={t("title")}
        aside={
          <LinkButton href="/credits#ledger" variant="link">
            {ledger("viewAll")}
          </LinkButton>
        }
      />
      {rows.length > 0 ? (
        <LedgerTable rows={rows} draws={draws} histories={histories} names={names} />
      ) : (
        <EmptyState title={ledger("empty")} />
      )}
    </Card>
  );
}
