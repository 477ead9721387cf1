import { getLocale, getTranslations } from "next-intl/server";
import { AccountAlerts } from "@/app/[locale]/(app)/account-alerts";
import { DocumentsCard } from "@/app/[locale]/(app)/billing/documents-card";
import { PlanCard, PlanWarning } from "@/app/[locale]/(app)/billing/plan-card";
import { readEntryNames } from "@/app/[locale]/(app)/credits/entry-names";
import { LedgerTable } from "@/app/[locale]/(app)/credits/ledger-table";
import { LotsCard } from "@/app/[locale]/(app)/credits/lots-card";
import { UsageCard } from "@/app/[locale]/(app)/credits/usage-card";
import { nextMonthlyCredits } from "@/app/[locale]/(app)/next-monthly-credits";
import { WithheldCreditsAlert } from "@/app/[locale]/(app)/withheld-credits-alert";
import { billingDeps } from "@/billing/deps";
import { readPlan } from "@/billing/plan-changes/plan-actions";
import { documentFilter, listDocuments } from "@/billing/purchases/documents";
import { getMembership } from "@/billing/queries";
import { BalanceStats } from "@/components/admin/balance-stats";
import { Card, CardHeader } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { PageHeader } from "@/components/ui/page-header";
import { db } from "@/db";
import { getBalance, getDraws, listLots } from "@/ledger/reads/balance";
import { getLotHistories } from "@/ledger/reads/lot-history";
import { type LedgerEntry, type LedgerPage, searchLedger } from "@/ledger/reads/search";
import { getUsageByMonth } from "@/ledger/reports/usage";
import { getWithheldCredits } from "@/rewards/free-credits";

const RECENT_ROWS = 6;
const USAGE_MONTHS = 12;

export interface Viewed {
  readonly userId: string;
  readonly timeZone: string;
  readonly emailVerified: boolean;
  readonly at: Date;
}

// The parts of the customer's pages that show something. The live balance stays out: it would be
// shared with the admin's other tabs.

/** The dashboard: balance, plan and the latest entries, without the product's card. */
export async function DashboardView({ userId, timeZone, emailVerified, at }: Viewed) {
  const t = await getTranslations("dashboard");
  const [balance, withheld, recent] = await Promise.all([
    getBalance(db, { userId, now: at }),
    getWithheldCredits(db, { userId, at }),
    searchLedger(db, { userId, filter: {}, turn: {}, limit: RECENT_ROWS, now: at }),
  ]);
  return (
    <>
      <PageHeader title={t("title")} />
      <AccountAlerts balance={balance} />
      <WithheldCreditsAlert withheld={withheld} isVerified={emailVerified} />
      <div className="grid gap-6">
        <Card>
          <BalanceStats balance={balance} />
        </Card>
        <Card>
          <CardHeader title={t("recent.title")} />
          <Entries userId={userId} timeZone={timeZone} at={at} rows={recent.rows} />
        </Card>
      </div>
    </>
  );
}

/** The credits page with one page of the ledger. */
export async function CreditsView({
  userId,
  timeZone,
  at,
  ledger,
}: Viewed & { ledger: LedgerPage }) {
  const t = await getTranslations("credits");
  const [balance, membership, lots, usage] = await Promise.all([
    getBalance(db, { userId, now: at }),
    getMembership(db, { userId, at }),
    listLots(db, { userId, now: at }),
    getUsageByMonth(db, { userId, timeZone, now: at, months: USAGE_MONTHS }),
  ]);
  const lotSeqs = lots.map(({ seq }) => seq);
  return (
    <>
      <PageHeader title={t("title")} description={t("description")} />
      <AccountAlerts balance={balance} />
      <div className="grid grid-cols-1 gap-6">
        <LotsCard
          lots={lots}
          histories={await getLotHistories(db, { userId, now: at, lotSeqs })}
          nextMonth={nextMonthlyCredits(balance.nextAllotment, membership, { at })}
          now={at}
        />
        <UsageCard months={usage} timeZone={timeZone} />
        <Card>
          <CardHeader title={t("ledger.title")} description={t("ledger.description")} />
          <Entries userId={userId} timeZone={timeZone} at={at} rows={ledger.rows} />
        </Card>
      </div>
    </>
  );
}

/** The billing page with the first page of invoices and receipts. */
export async function BillingView({ userId, timeZone, at }: Viewed) {
  const t = await getTranslations("billing");
  const filter = documentFilter.parse({});
  const [{ membership, actions, hasSubscribed }, documents, balance] = await Promise.all([
    readPlan(db, { userId, at }),
    listDocuments(billingDeps, { userId, locale: await getLocale(), filter }),
    getBalance(db, { userId, now: at }),
  ]);
  return (
    <>
      <PageHeader title={t("title")} description={t("description")} />
      <AccountAlerts balance={balance} />
      <PlanWarning membership={membership} />
      <div className="grid grid-cols-1 gap-6">
        <PlanCard
          membership={membership}
          nextMonth={nextMonthlyCredits(balance.nextAllotment, membership, { at })}
          actions={actions}
          canManage={hasSubscribed || documents.rows.length > 0}
        />
        <DocumentsCard page={documents} filter={filter} timeZone={timeZone} isFirstPage />
      </div>
    </>
  );
}

async function Entries({
  userId,
  timeZone,
  at,
  rows,
}: {
  userId: string;
  timeZone: string;
  at: Date;
  rows: readonly LedgerEntry[];
}) {
  const t = await getTranslations("credits.ledger");
  if (rows.length === 0) return <EmptyState title={t("empty")} />;
  const seqs = rows.map(({ seq }) => seq);
  const [names, draws, histories] = await Promise.all([
    readEntryNames(db, { userId, rows, locale: await getLocale(), timeZone }),
    getDraws(db, { userId, seqs }),
    getLotHistories(db, { userId, now: at, lotSeqs: seqs }),
  ]);
  return <LedgerTable rows={rows} draws={draws} histories={histories} names={names} />;
}
