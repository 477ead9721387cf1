import { randomUUID } from "node:crypto";
import { subSeconds } from "date-fns";
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { getLocale, getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { requireUserPage } from "@/accounts/session";
import {
  type Contract,
  canWithdraw,
  describeContract,
  listContracts,
} from "@/billing/consumer-rights/contracts";
import { REIMBURSEMENT_DAYS } from "@/billing/consumer-rights/withdrawal-rules";
import { catalog } from "@/catalog/catalog";
import { itemName } from "@/catalog/items";
import { ClientMessages } from "@/components/layout/client-messages";
import { Link } from "@/components/link";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { PageHeader } from "@/components/ui/page-header";
import { db } from "@/db";
import { now } from "@/lib/clock";
import { formatCreditAmount, formatInstant, formatMoney } from "@/lib/formats";
import { type ContractChoice, ContractForm } from "./contract-form";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("withdrawal"))("title") };
}

/** The withdrawal function for members, who choose one of the purchases in their withdrawal period. */
export default async function WithdrawPurchasePage() {
  if (catalog.consumerRights === null) notFound();
  const days = catalog.consumerRights.withdrawalDays;
  const user = await requireUserPage();
  const at = now();
  const t = await getTranslations("withdrawal");
  const contracts = await listContracts(db, { userId: user.id, now: at });
  const open = contracts.filter((contract) => canWithdraw(contract, at));
  const describe = (label: ReactNode) => (
    <Link href="/withdraw?form=open" className="text-foreground underline underline-offset-4">
      {label}
    </Link>
  );
  return (
    <>
      <PageHeader title={t("title")} description={t("description", { days })} />
      <Card className="grid max-w-2xl grid-cols-[minmax(0,1fr)] gap-5">
        {open.length === 0 ? (
          <EmptyState title={t("choose.none")}>{t("choose.noneHint", { days })}</EmptyState>
        ) : (
          <ClientMessages namespaces={["common", "errors", "withdrawal"]}>
            <ContractForm
              formId={randomUUID()}
              choices={await Promise.all(open.map((contract) => choiceOf(contract, user)))}
            />
          </ClientMessages>
        )}
        <p className="text-muted-foreground text-sm">
          {t.rich("choose.other", { link: describe })}
        </p>
      </Card>
    </>
  );
}

async function choiceOf(
  contract: Contract,
  { name, email, timeZone }: { name: string; email: string; timeZone: string },
): Promise<ContractChoice> {
  const locale = await getLocale();
  const t = await getTranslations("withdrawal");
  const { id, item, concludedAt, endsAt, paidCents, currency, kind } = contract;
  const day = (instant: Date) => formatInstant(instant, { locale, timeZone, style: "date" });
  const isTrial = contract.payments.length === 0;
  return {
    contractId: id,
    label: itemName(item, locale),
    details: t(isTrial ? "choose.trial" : "choose.details", {
      bought: day(concludedAt),
      amount: formatMoney(paidCents, currency, locale),
      last: day(subSeconds(endsAt, 1)),
    }),
    statement: {
      name,
      email,
      purchase: describeContract(contract, { locale, timeZone }),
      effects: [
        ...(await refundEffects(contract)),
        ...(kind === "pack" ? [] : [t("effects.plan")]),
        t("effects.credits"),
      ],
    },
  };
}

async function refundEffects(contract: Contract): Promise<string[]> {
  const locale = await getLocale();
  const t = await getTranslations("withdrawal.effects");
  const common = await getTranslations("common");
  const { paidCents, returnedCents, refundCents, currency, usedCredits, coveredCredits } = contract;
  if (paidCents === 0) return [t("nothing")];
  const money = (cents: number) => formatMoney(cents, currency, locale);
  const credits = (amount: number) =>
    common("credits", { amount, amountText: formatCreditAmount(amount, locale) });
  const keptCents = paidCents - returnedCents - refundCents;
  const used =
    keptCents > 0 && coveredCredits !== null
      ? [
          t("used", {
            used: credits(usedCredits),
            covered: credits(coveredCredits),
            kept: money(keptCents),
          }),
        ]
      : [];
  return [...used, t("refund", { amount: money(refundCents), days: REIMBURSEMENT_DAYS })];
}
