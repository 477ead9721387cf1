import type { Metadata } from "next";
import { getLocale, getTranslations } from "next-intl/server";
import { requireUserPage } from "@/accounts/session";
import { AccountAlerts } from "@/app/[locale]/(app)/account-alerts";
import { FollowBalance } from "@/app/[locale]/(app)/follow-balance";
import { nextMonthlyCredits } from "@/app/[locale]/(app)/next-monthly-credits";
import { WithheldCreditsAlert } from "@/app/[locale]/(app)/withheld-credits-alert";
import { getMembership } from "@/billing/queries";
import { LinkButton } from "@/components/ui/link-button";
import { PageHeader } from "@/components/ui/page-header";
import { db } from "@/db";
import { getBalance, getDraws, listLots } from "@/ledger/reads/balance";
import { getLotHistories } from "@/ledger/reads/lot-history";
import { searchLedger } from "@/ledger/reads/search";
import { ledgerAddress, ledgerFilter } from "@/ledger/reads/search-input";
import { getUsageByMonth } from "@/ledger/reports/usage";
import { now } from "@/lib/clock";
import { localDay, monthOf } from "@/lib/local-day";
import { getWithheldCredits } from "@/rewards/free-credits";
import { readEntryNames } from "./entry-names";
import { LedgerCard } from "./ledger-card";
import { monthsBetween } from "./ledger-links";
import { LotsCard } from "./lots-card";
import { UsageCard } from "./usage-card";

const ROWS_PER_PAGE = 25;
const USAGE_MONTHS = 12;

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("credits");
  return { title: t("title") };
}

export default async function CreditsPage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const user = await requireUserPage();
  const { id: userId, timeZone } = user;
  const address = ledgerAddress.parse(await searchParams);
  const at = now();
  const [balance, membership, lots, usage, page, withheld, t] = await Promise.all([
    getBalance(db, { userId, now: at }),
    getMembership(db, { userId, at }),
    listLots(db, { userId, now: at }),
    getUsageByMonth(db, { userId, timeZone, now: at, months: USAGE_MONTHS }),
    searchLedger(db, {
      userId,
      filter: ledgerFilter(address, timeZone),
      turn: address,
      limit: ROWS_PER_PAGE,
      now: at,
    }),
    getWithheldCredits(db, { userId, at }),
    getTranslations("credits"),
  ]);
  const seqs = page.rows.map((row) => row.seq);
  const [names, draws, histories] = await Promise.all([
    readEntryNames(db, { userId, rows: page.rows, locale: await getLocale(), timeZone }),
    getDraws(db, { userId, seqs }),
    getLotHistories(db, { userId, now: at, lotSeqs: [...seqs, ...lots.map((lot) => lot.seq)] }),
  ]);
  const monthAt = (instant: Date) => monthOf(localDay(instant, timeZone));
  return (
    <>
      <FollowBalance rendered={balance.available} />
      <PageHeader
        title={t("title")}
        description={t("description")}
        action={
          <LinkButton href="/pricing#packs" variant="primary">
            {t("buy")}
          </LinkButton>
        }
      />
      <AccountAlerts balance={balance} />
      <WithheldCreditsAlert withheld={withheld} isVerified={user.emailVerified} />
      <div className="grid grid-cols-1 gap-6">
        <LotsCard
          lots={lots}
          histories={histories}
          nextMonth={nextMonthlyCredits(balance.nextAllotment, membership, { at })}
          now={at}
        />
        <UsageCard months={usage} timeZone={timeZone} />
        <LedgerCard
          address={address}
          page={page}
          draws={draws}
          histories={histories}
          names={names}
          months={monthsBetween(monthAt(user.createdAt), monthAt(at))}
        />
      </div>
    </>
  );
}
