"use client";

import { useLocale, useTranslations } from "next-intl";
import { type ReactNode, useEffect, useState, useSyncExternalStore } from "react";
import { refreshBalance } from "@/components/balance/browser-balance";
import { browserVisibility } from "@/components/balance/page-visibility";
import { Credits } from "@/components/credits";
import { DateTime } from "@/components/date-time";
import { hasProductDraft } from "@/components/drafts";
import { Money } from "@/components/money";
import { LinkButton } from "@/components/ui/link-button";
import { Spinner } from "@/components/ui/spinner";
import { useCreditsText } from "@/components/use-credits-text";
import { SENTENCE_GAP } from "@/lib/formats";
import { type CheckoutUpdate, followCheckout, loadCheckoutStatus } from "./follow-checkout";

const SLOW_AFTER_REQUESTS = 8;

const INITIAL: CheckoutUpdate = {
  checkout: {
    status: "waiting",
    credits: 0,
    settled: 0,
    available: 0,
    purchase: null,
    expiresAt: null,
  },
  requests: 0,
};

/** Waits until the purchase is granted, then shows the balance. Gives advice if that takes long. */
export function CheckoutProgress({
  sessionId,
  userId,
  startHref,
  itemNames,
}: {
  sessionId: string;
  userId: string;
  /** The page where the bought credits can be used. */
  startHref: string;
  itemNames: Readonly<Record<string, string>>;
}) {
  const { checkout, requests } = useCheckoutProgress(sessionId);
  return (
    <div className="mx-auto grid max-w-xl gap-6 py-10" aria-live="polite">
      {checkout.status === "granted" || checkout.status === "trial" ? (
        <Granted
          checkout={checkout}
          isTrial={checkout.status === "trial"}
          userId={userId}
          startHref={startHref}
          itemNames={itemNames}
        />
      ) : checkout.status === "failed" || checkout.status === "unknown" ? (
        <NotBought reason={checkout.status} />
      ) : (
        <Waiting offline={checkout.status === "offline"} slow={requests >= SLOW_AFTER_REQUESTS} />
      )}
    </div>
  );
}

function useCheckoutProgress(sessionId: string): CheckoutUpdate {
  const [update, setUpdate] = useState(INITIAL);
  useEffect(() => {
    const onUpdate = (next: CheckoutUpdate) => {
      setUpdate(next);
      const { status } = next.checkout;
      if (status === "granted" || status === "trial") void refreshBalance();
    };
    const load = () => loadCheckoutStatus(sessionId);
    return followCheckout({ load, onUpdate, page: browserVisibility });
  }, [sessionId]);
  return update;
}

function Waiting({ offline, slow }: { offline: boolean; slow: boolean }) {
  const t = useTranslations("billing.success");
  return (
    <>
      <h1 className="flex items-center gap-3 font-heading text-3xl">
        {t("title")} <Spinner className="size-6 text-muted-foreground" />
      </h1>
      <p className="text-muted-foreground">{slow ? t("slow") : t("waiting")}</p>
      {offline && <p className="text-muted-foreground text-sm">{t("offline")}</p>}
      {slow && (
        <div className="flex flex-wrap gap-2">
          <LinkButton href="/billing">{t("billing")}</LinkButton>
        </div>
      )}
    </>
  );
}

/** What was bought, and what to do with it. A draft that waits for the credits comes first. */
export function Granted({
  checkout: { credits, settled, available, purchase, expiresAt },
  isTrial,
  userId,
  startHref,
  itemNames,
}: {
  checkout: SettledCheckout;
  isTrial: boolean;
  userId: string;
  startHref: string;
  itemNames: Readonly<Record<string, string>>;
}) {
  const t = useTranslations("billing.success");
  const product = useTranslations("product");
  const locale = useLocale();
  const creditsText = useCreditsText();
  const hasDraft = useHasDraft(userId);
  return (
    <>
      <div className="grid gap-2">
        <h1 className="font-heading text-3xl">{t(isTrial ? "trial.title" : "title")}</h1>
        <p className="text-muted-foreground">
          {t(isTrial ? "trial.text" : "granted", { credits: creditsText(credits) })}
          {settled > 0 && SENTENCE_GAP[locale] + t("settled", { credits: creditsText(settled) })}
        </p>
      </div>
      <dl className="grid grid-cols-[auto_1fr] gap-x-8 gap-y-2 border-y py-5 text-sm">
        {purchase !== null && (
          <>
            <Fact name={t("item")}>
              {purchase.quantity > 1 && `${purchase.quantity} × `}
              {itemNames[purchase.item] ?? purchase.item}
            </Fact>
            <Fact name={t("amount")}>
              <Money amountCents={purchase.amountCents} currency={purchase.currency} />
            </Fact>
          </>
        )}
        <Fact name={t("creditsAdded")}>{creditsText(credits)}</Fact>
        {expiresAt !== null && (
          <Fact name={t("expires")}>
            <DateTime instant={expiresAt} kind="date" />
          </Fact>
        )}
        <Fact name={t("balance")}>
          <Credits amount={available} />
        </Fact>
        {purchase?.receiptUrl && (
          <Fact name={t("receipt")}>
            <a
              href={purchase.receiptUrl}
              target="_blank"
              rel="noreferrer"
              className="underline underline-offset-4"
            >
              {t("openReceipt")}
            </a>
          </Fact>
        )}
      </dl>
      <div className="flex flex-wrap gap-2">
        <LinkButton href={startHref} variant="primary">
          {hasDraft ? t("continue") : product("start")}
        </LinkButton>
        {isTrial ? (
          <LinkButton href="/billing">{t("billing")}</LinkButton>
        ) : (
          <LinkButton href="/credits">{t("credits")}</LinkButton>
        )}
      </div>
    </>
  );
}

type SettledCheckout = Extract<CheckoutUpdate["checkout"], { readonly credits: number }>;

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted-foreground">{name}</dt>
      <dd className="font-medium tabular-nums">{children}</dd>
    </>
  );
}

/** Session storage is known only in the browser. */
function useHasDraft(userId: string): boolean {
  return useSyncExternalStore(
    () => () => {},
    () => hasProductDraft(userId),
    () => false,
  );
}

function NotBought({ reason }: { reason: "failed" | "unknown" }) {
  const t = useTranslations("billing.success");
  return (
    <>
      <div className="grid gap-2">
        <h1 className="font-heading text-3xl">{t(`${reason}.title`)}</h1>
        <p className="text-muted-foreground">{t(`${reason}.text`)}</p>
      </div>
      <div className="flex flex-wrap gap-2">
        <LinkButton href="/pricing" variant="primary">
          {t("again")}
        </LinkButton>
        <LinkButton href="/billing">{t("billing")}</LinkButton>
      </div>
    </>
  );
}
