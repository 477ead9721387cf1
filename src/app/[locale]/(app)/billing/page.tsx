import type { Metadata } from "next";
import { getLocale, getTranslations } from "next-intl/server";
import type { SearchParams } from "nuqs/server";
import { createLoader, parseAsString, parseAsStringLiteral } from "nuqs/server";
import { requireUserPage } from "@/accounts/session";
import { AccountAlerts } from "@/app/[locale]/(app)/account-alerts";
import { FollowBalance } from "@/app/[locale]/(app)/follow-balance";
import { nextMonthlyCredits } from "@/app/[locale]/(app)/next-monthly-credits";
import { requestCurrency } from "@/app/currency/request-currency";
import { membershipVersion } from "@/app/membership-version";
import { PackTable } from "@/app/purchase/pack-table";
import { billingDeps } from "@/billing/deps";
import { readPlan } from "@/billing/plan-changes/plan-actions";
import { MEMBERSHIP_REQUESTS, refreshMembership } from "@/billing/plan-changes/refresh-membership";
import { documentFilter, listDocuments } from "@/billing/purchases/documents";
import { catalog } from "@/catalog/catalog";
import { Card, CardHeader } from "@/components/ui/card";
import { PageHeader } from "@/components/ui/page-header";
import { db } from "@/db";
import { getBalance } from "@/ledger/reads/balance";
import { now } from "@/lib/clock";
import { RateLimited } from "@/lib/errors";
import { limitUser } from "@/rate-limit/limit-action";
import { DocumentsCard } from "./documents-card";
import { FollowMembership } from "./follow-membership";
import { parsePaymentCursor } from "./payment-cursor";
import { PlanCard, PlanWarning, PortalResult } from "./plan-card";
import { WithdrawalCard } from "./withdraw/withdrawal-card";

const loadParameters = createLoader({
  before: parseAsString,
  from: parseAsString,
  done: parseAsStringLiteral(["switch", "cancel", "card"]),
});

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("billing");
  return { title: t("title") };
}

export default async function BillingPage({
  searchParams,
}: {
  searchParams: Promise<SearchParams>;
}) {
  const user = await requireUserPage();
  const parameters = await loadParameters(searchParams);
  const before = parsePaymentCursor(parameters.before);
  const filter = documentFilter.parse(await searchParams);
  const isReturn = parameters.from === "portal";
  if (isReturn) await refreshAfterPortal(user.id);
  const at = now();
  const currency = await requestCurrency();
  const [{ membership, actions, hasSubscribed }, documents, balance, t] = await Promise.all([
    readPlan(db, { userId: user.id, at }),
    listDocuments(billingDeps, {
      userId: user.id,
      locale: await getLocale(),
      filter,
      ...(before !== null && { before }),
    }),
    getBalance(db, { userId: user.id, now: at }),
    getTranslations("billing"),
  ]);
  const isFiltered = before !== null || filter.q !== null || filter.status !== null;
  const canManage = hasSubscribed || documents.rows.length > 0 || isFiltered;
  return (
    <>
      <FollowBalance rendered={balance.available} />
      {isReturn && <FollowMembership rendered={membershipVersion(membership)} />}
      <PageHeader title={t("title")} description={t("description")} />
      {isReturn && parameters.done !== null && (
        <PortalResult done={parameters.done} membership={membership} />
      )}
      <AccountAlerts balance={balance} />
      <PlanWarning membership={membership} />
      <div className="grid grid-cols-1 gap-6">
        <PlanCard
          membership={membership}
          nextMonth={nextMonthlyCredits(balance.nextAllotment, membership, { at })}
          actions={actions}
          canManage={canManage}
        />
        <Card id="packs" className="scroll-mt-32">
          <CardHeader title={t("packs.title")} description={t("packs.description")} />
          <PackTable currencies={[currency]} debt={balance.debt} />
        </Card>
        <DocumentsCard
          page={documents}
          filter={filter}
          timeZone={user.timeZone}
          isFirstPage={before === null}
        />
        {catalog.consumerRights !== null && (
          <WithdrawalCard days={catalog.consumerRights.withdrawalDays} />
        )}
      </div>
    </>
  );
}

/** Asks Stripe for the result of a visit to the portal, unless this user has asked too often. */
async function refreshAfterPortal(userId: string): Promise<void> {
  try {
    await limitUser({ action: "membership", userId, perUser: MEMBERSHIP_REQUESTS });
  } catch (error) {
    if (error instanceof RateLimited) return;
    throw error;
  }
  await refreshMembership(billingDeps, { userId });
}
