import { useLocale, useTranslations } from "next-intl";
import type { ReactNode } from "react";
import type { NextMonthlyCredits } from "@/app/[locale]/(app)/next-monthly-credits";
import type { PlanActions } from "@/billing/plan-changes/plan-actions";
import type { UpcomingTerms } from "@/billing/price-changes/read-price-change";
import type { SoldTerms } from "@/billing/prices/terms";
import { type Membership, shownPlan } from "@/billing/queries";
import { catalog } from "@/catalog/catalog";
import { findItem, findPlan, itemName } from "@/catalog/items";
import { DateTime } from "@/components/date-time";
import { Alert } from "@/components/ui/alert";
import { Card, CardHeader } from "@/components/ui/card";
import { LinkButton } from "@/components/ui/link-button";
import { useCreditsText } from "@/components/use-credits-text";
import { formatMoney } from "@/lib/formats";
import { PlanButtons } from "./plan-buttons";
import { PortalButton } from "./portal-button";

const PROBLEM_STATUSES = ["past_due", "unpaid", "incomplete", "paused"] as const;

/** The current plan: price, monthly credits, renewal or end, and the links to change it. */
export function PlanCard({
  membership,
  nextMonth,
  actions,
  canManage,
}: {
  membership: Membership;
  nextMonth: NextMonthlyCredits | null;
  actions: PlanActions;
  canManage: boolean;
}) {
  const t = useTranslations("billing");
  const credits = useCreditsText();
  const locale = useLocale();
  const { unpaid } = membership;
  const plan = shownPlan(membership);
  const awaited = unpaid?.reason === "payment" ? unpaid : null;
  const terms = membership.terms ?? awaited?.terms ?? todaysTerms(membership);
  const creditsPerMonth = terms?.credits ?? findPlan(plan)?.creditsPerMonth;
  // A subscription with a problem must be fixed first. A second one would be refused.
  const canChoose =
    membership.kind === "free" && (membership.status === "none" || unpaid?.reason === "reversal");
  return (
    <Card>
      <CardHeader
        title={t("plan.title")}
        aside={
          canChoose && (
            <LinkButton href="/pricing" variant="primary">
              {t("plan.see")}
            </LinkButton>
          )
        }
      />
      <div className="grid gap-x-10 gap-y-4 sm:grid-cols-[auto_1fr]">
        <div>
          <p className="font-medium text-2xl tracking-tight">{itemName(plan, locale)}</p>
          {terms !== null && <Price terms={terms} />}
        </div>
        <ul className="grid content-start gap-1 text-sm sm:border-s sm:ps-10">
          {unpaid !== null && (
            <li>{t(`plan.unpaid.${unpaid.reason}`, { plan: itemName(unpaid.plan, locale) })}</li>
          )}
          {creditsPerMonth !== undefined && (
            <li>
              {!membership.trial?.credits
                ? t("plan.brings", { credits: credits(creditsPerMonth) })
                : t("plan.trial.brings", {
                    trialCredits: credits(membership.trial.credits),
                    credits: credits(creditsPerMonth),
                  })}
            </li>
          )}
          {/* Credits that come with a renewal are covered by the renewal line. */}
          {nextMonth?.how === "soon" && (
            <li className="text-muted-foreground">
              {t("plan.nextSoon", { credits: credits(nextMonth.credits) })}
            </li>
          )}
          {nextMonth?.how === "on" && (
            <Line instant={nextMonth.dueAt}>
              {(date) => t.rich("plan.nextCredits", { credits: credits(nextMonth.credits), date })}
            </Line>
          )}
          <Term membership={membership} />
          {membership.scheduled !== null && <Scheduled {...membership.scheduled} />}
          {membership.upcomingTerms !== null && <Upcoming terms={membership.upcomingTerms} />}
        </ul>
      </div>
      <PlanChanges actions={actions} plan={plan} />
      {canManage && (
        <p className="mt-5 border-t pt-4 text-muted-foreground text-sm">
          {t("manageHint")} <PortalButton variant="link">{t("manage")}</PortalButton>
        </p>
      )}
    </Card>
  );
}

function PlanChanges({ actions, plan }: { actions: PlanActions; plan: string }) {
  const t = useTranslations("billing.change");
  const credits = useCreditsText();
  const locale = useLocale();
  const { switches, cancelEndsAt, resumes, canChangeCard } = actions;
  if (switches.length === 0 && cancelEndsAt === null && resumes === null && !canChangeCard) {
    return null;
  }
  const item = findItem(plan);
  const isSamePlan = (planId: string) => item?.kind === "subscription" && item.planId === planId;
  return (
    <div className="mt-6">
      <PlanButtons
        planName={itemName(plan, locale)}
        freeCredits={credits(catalog.freePlan.creditsPerMonth)}
        isYearly={item?.interval === "year"}
        switches={switches.map(({ id, planId, interval }) => {
          const name = itemName(id, locale);
          const label = isSamePlan(planId) ? t(`to.${interval}`) : t("to.plan", { plan: name });
          return { item: id, name, label, interval };
        })}
        cancelEndsAt={cancelEndsAt}
        resumes={resumes}
        canChangeCard={canChangeCard}
      />
    </div>
  );
}

/** What the visit to Stripe's portal has done, by the state that Stripe reports now. */
export function PortalResult({
  done,
  membership,
}: {
  done: "switch" | "cancel" | "card";
  membership: Membership;
}) {
  const t = useTranslations("billing.change.done");
  const locale = useLocale();
  const { cancelAt, scheduled, unpaid } = membership;
  const plan = itemName(shownPlan(membership), locale);
  const shown = (text: ReactNode) => (
    <Alert tone="success" className="mb-6">
      {text}
    </Alert>
  );
  const dateOf = (instant: Date) => () => <DateTime instant={instant} kind="date" />;
  if (done === "card") return shown(t("card"));
  if (done === "cancel") {
    return cancelAt && shown(t.rich("cancel", { plan, date: dateOf(cancelAt) }));
  }
  if (scheduled !== null) {
    const next = itemName(scheduled.plan, locale);
    return shown(t.rich("later", { plan: next, date: dateOf(scheduled.at) }));
  }
  return unpaid === null ? shown(t("now", { plan })) : null;
}

/** A problem of the subscription, with a link to Stripe's portal where it is solved. */
export function PlanWarning({ membership }: { membership: Membership }) {
  const t = useTranslations("billing");
  const isReversed = membership.unpaid?.reason === "reversal";
  const problem = PROBLEM_STATUSES.find((status) => !isReversed && status === membership.status);
  if (problem !== undefined) {
    return (
      <Alert
        tone="warning"
        className="mb-6"
        title={t(`status.${problem}.title`)}
        action={
          problem === "past_due" ? (
            <PortalButton flow={{ flow: "card" }} size="sm">
              {t("change.card")}
            </PortalButton>
          ) : (
            <PortalButton size="sm">{t("manage")}</PortalButton>
          )
        }
      >
        {t(`status.${problem}.text`)}
      </Alert>
    );
  }
  const { kind, cancelAt } = membership;
  if (kind !== "lifetime" || cancelAt === null) return null;
  return (
    <Alert className="mb-6" title={t("status.subscriptionEnds.title")}>
      {t.rich("status.subscriptionEnds.text", {
        date: () => <DateTime instant={cancelAt} kind="date" />,
      })}
    </Alert>
  );
}

/** For a plan in a trial that an operator gave. */
function todaysTerms({ boundCurrency, ...membership }: Membership): SoldTerms | null {
  const item = findItem(shownPlan(membership));
  if (item === null || item.kind === "pack") return null;
  const { interval, amounts, creditsPerMonth: credits } = item;
  const currency = boundCurrency ?? catalog.currency;
  const amountCents = amounts[currency];
  if (amountCents === undefined) return null;
  return { amountCents, currency, credits, interval };
}

function Price({ terms: { amountCents, currency, interval } }: { terms: SoldTerms }) {
  const t = useTranslations("billing.plan.price");
  const locale = useLocale();
  const price = formatMoney(amountCents, currency, locale);
  return <p className="text-muted-foreground text-sm">{t(interval ?? "once", { price })}</p>;
}

/** The price and the credits that apply after a later renewal. */
function Upcoming({ terms }: { terms: UpcomingTerms }) {
  const t = useTranslations("billing.plan.upcoming");
  const credits = useCreditsText();
  const locale = useLocale();
  const values = {
    price: formatMoney(terms.amountCents, terms.currency, locale),
    credits: credits(terms.credits),
  };
  return (
    <Line instant={terms.startsAt}>
      {(date) => t.rich(terms.interval === "year" ? "year" : "month", { ...values, date })}
    </Line>
  );
}

/** The plan that the subscription changes to, and when. */
function Scheduled({ plan, at }: { plan: string; at: Date }) {
  const t = useTranslations("billing.plan");
  const locale = useLocale();
  return (
    <Line instant={at}>
      {(date) => t.rich("scheduled", { plan: itemName(plan, locale), date })}
    </Line>
  );
}

/** When the plan started and when it renews, ends or has been paid until. */
function Term({ membership }: { membership: Membership }) {
  const t = useTranslations("billing.plan");
  const { kind, since, until, renewsAt, cancelAt, trial, unpaid } = membership;
  if (unpaid?.reason === "payment")
    return <UnpaidTerm membership={membership} since={unpaid.since} />;
  if (kind === "free") return null;
  if (trial !== null) return <TrialTerm membership={membership} trial={trial} />;
  const forever = kind === "lifetime";
  return (
    <>
      {since !== null && <Line instant={since}>{(date) => t.rich("since", { date })}</Line>}
      {forever && <li>{t("forever")}</li>}
      {!forever && cancelAt !== null && (
        <Line instant={cancelAt}>{(date) => t.rich("ends", { date })}</Line>
      )}
      {!forever && renewsAt !== null && (
        <Line instant={renewsAt}>{(date) => t.rich("renews", { date })}</Line>
      )}
      {!forever && until !== null && renewsAt === null && cancelAt === null && (
        <Line instant={until}>{(date) => t.rich("paidUntil", { date })}</Line>
      )}
    </>
  );
}

/** When the unpaid plan started, and when it renews or ends. */
function UnpaidTerm({
  membership: { renewsAt, cancelAt },
  since,
}: {
  membership: Membership;
  since: Date;
}) {
  const t = useTranslations("billing.plan");
  return (
    <>
      <Line instant={since}>{(date) => t.rich("since", { date })}</Line>
      {cancelAt !== null && <Line instant={cancelAt}>{(date) => t.rich("ends", { date })}</Line>}
      {renewsAt !== null && <Line instant={renewsAt}>{(date) => t.rich("renews", { date })}</Line>}
    </>
  );
}

/** When the trial ends, and the date and amount of the first payment. */
function TrialTerm({
  membership: { status, cancelAt },
  trial: { endsAt, firstCharge },
}: {
  membership: Membership;
  trial: NonNullable<Membership["trial"]>;
}) {
  const t = useTranslations("billing.plan");
  const locale = useLocale();
  if (status !== "trialing")
    return <li className="text-muted-foreground">{t("trial.charging")}</li>;
  if (cancelAt !== null) {
    return (
      <>
        <Line instant={cancelAt}>{(date) => t.rich("ends", { date })}</Line>
        <li className="text-muted-foreground">{t("trial.noCharge")}</li>
      </>
    );
  }
  const amount = firstCharge && formatMoney(firstCharge.amountCents, firstCharge.currency, locale);
  return (
    <>
      <Line instant={endsAt}>{(date) => t.rich("trial.until", { date })}</Line>
      {amount !== null && (
        <Line instant={endsAt}>{(date) => t.rich("trial.firstCharge", { amount, date })}</Line>
      )}
    </>
  );
}

function Line({
  instant,
  children,
}: {
  instant: Date;
  children: (date: () => ReactNode) => ReactNode;
}) {
  return (
    <li className="text-muted-foreground">
      {children(() => (
        <DateTime instant={instant} kind="date" className="text-foreground" />
      ))}
    </li>
  );
}
