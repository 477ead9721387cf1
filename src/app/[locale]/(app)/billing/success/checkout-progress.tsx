"use client";

import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { refreshBalance } from "@/components/balance/browser-balance";
import { browserVisibility } from "@/components/balance/page-visibility";
import { Credits } from "@/components/credits";
import { LinkButton } from "@/components/ui/link-button";
import { Spinner } from "@/components/ui/spinner";
import { useCreditsText } from "@/components/use-credits-text";
import { type CheckoutUpdate, followCheckout, loadCheckoutStatus } from "./follow-checkout";

const SLOW_AFTER_REQUESTS = 8;

const INITIAL: CheckoutUpdate = {
  checkout: { status: "waiting", credits: 0, settled: 0, available: 0 },
  requests: 0,
};

/** Waits until the purchase is granted, then shows the balance. Gives advice if that takes long. */
export function CheckoutProgress({
  sessionId,
  startHref,
}: {
  sessionId: string;
  /** The page where the bought credits can be used. */
  startHref: string;
}) {
  const { checkout, requests } = useCheckoutProgress(sessionId);
  return (
    <div className="mx-auto grid max-w-xl gap-6 py-10" aria-live="polite">
      {checkout.status === "granted" || checkout.status === "trial" ? (
        <Granted
          status={checkout.status}
          credits={checkout.credits}
          settled={checkout.settled}
          available={checkout.available}
          startHref={startHref}
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

function Granted({
  status,
  credits,
  settled,
  available,
  startHref,
}: {
  status: "granted" | "trial";
  credits: number;
  settled: number;
  available: number;
  startHref: string;
}) {
  const t = useTranslations("billing.success");
  const product = useTranslations("product");
  const creditsText = useCreditsText();
  return (
    <>
      <div className="grid gap-2">
        <h1 className="font-heading text-3xl">{t(status === "trial" ? "trial.title" : "title")}</h1>
        <p className="text-muted-foreground">
          {t(status === "trial" ? "trial.text" : "granted", { credits: creditsText(credits) })}
          {settled > 0 && ` ${t("settled", { credits: creditsText(settled) })}`}
        </p>
      </div>
      <dl className="border-y py-5">
        <dt className="text-muted-foreground text-sm">{t("balance")}</dt>
        <dd className="font-medium text-4xl tracking-tight">
          <Credits amount={available} />
        </dd>
      </dl>
      <div className="flex flex-wrap gap-2">
        <LinkButton href={startHref} variant="primary">
          {product("start")}
        </LinkButton>
        {status === "trial" ? (
          <LinkButton href="/billing">{t("billing")}</LinkButton>
        ) : (
          <LinkButton href="/credits">{t("credits")}</LinkButton>
        )}
      </div>
    </>
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
