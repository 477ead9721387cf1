import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import type { SearchParams } from "nuqs/server";
import { AccountAlerts } from "@/app/[locale]/(app)/account-alerts";
import { FollowBalance } from "@/app/[locale]/(app)/follow-balance";
import { requireUserPage } from "@/auth/session";
import { LinkButton } from "@/components/ui/link-button";
import { PageHeader } from "@/components/ui/page-header";
import { getBalance, getDraws, listLots, listTransactions } from "@/credits/queries";
import { db } from "@/db";
import { now } from "@/lib/clock";
import { LedgerCard } from "./ledger-card";
import { loadLedgerParameters } from "./ledger-page";
import { LotsCard } from "./lots-card";

const ROWS_PER_PAGE = 25;

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("credits");
  return { title: t("title") };
}

export default async function CreditsPage({
  searchParams,
}: {
  searchParams: Promise<SearchParams>;
}) {
  const user = await requireUserPage();
  const { type, before } = await loadLedgerParameters(searchParams);
  const at = now();
  const [balance, lots, page, t] = await Promise.all([
    getBalance(db, { userId: user.id, at }),
    listLots(db, { userId: user.id, at }),
    listTransactions(db, {
      userId: user.id,
      limit: ROWS_PER_PAGE,
      ...(type !== null && { types: [type] }),
      ...(before !== null && { before }),
    }),
    getTranslations("credits"),
  ]);
  const draws = await getDraws(db, { userId: user.id, seqs: page.rows.map((row) => row.seq) });
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
      <div className="grid gap-6">
        <LotsCard lots={lots} nextAllotment={balance.nextAllotment} now={at} />
        <LedgerCard
          rows={page.rows}
          draws={draws}
          type={type}
          isFirstPage={before === null}
          nextBefore={page.nextBefore}
        />
      </div>
    </>
  );
}
