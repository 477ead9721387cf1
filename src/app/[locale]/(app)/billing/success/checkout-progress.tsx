"use client";

import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { refreshBalance } from "@/components/balance/browser-balance";
import { browserSight } from "@/components/balance/page-visibility";
import { Credits } from "@/components/credits";
import { LinkButton } from "@/components/ui/link-button";
import { Spinner } from "@/components/ui/spinner";
import { useCreditsText } from "@/components/use-credits-text";
import { askCheckoutStatus } from "./checkout-status";
import { followCheckout, type Seen } from "./follow-checkout";

const SLOW_AFTER_QUESTIONS = 8;

const NOTHING_YET: Seen = {
  answer: { status: "waiting", credits: 0, available: 0 },
  timesAsked: 0,
};

/** Waits for the purchase to be booked, says what to do if that takes long, then shows the balance. */
export function CheckoutProgress({ sessionId }: { sessionId: string }) {
  const { answer, timesAsked } = useCheckoutProgress(sessionId);
  return (
    <div className="mx-auto grid max-w-xl gap-6 py-10" aria-live="polite">
      {answer.status === "granted" ? (
        <Granted credits={answer.credits} available={answer.available} />
      ) : answer.status === "failed" || answer.status === "unknown" ? (
        <NotBought reason={answer.status} />
      ) : (
        <Waiting offline={answer.status === "offline"} slow={timesAsked >= SLOW_AFTER_QUESTIONS} />
      )}
    </div>
  );
}

function useCheckoutProgress(sessionId: string): Seen {
  const [seen, setSeen] = useState<Seen>(NOTHING_YET);
  useEffect(() => {
    const onSeen = (next: Seen) => {
      setSeen(next);
      if (next.answer.status === "granted") void refreshBalance();
    };
    return followCheckout({ ask: () => askCheckoutStatus(sessionId), onSeen, sight: browserSight });
  }, [sessionId]);
  return seen;
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

function Granted({ credits, available }: { credits: number; available: number }) {
  const t = useTranslations("billing.success");
  const creditsText = useCreditsText();
  return (
    <>
      <div className="grid gap-2">
        <h1 className="font-heading text-3xl">{t("title")}</h1>
        <p className="text-muted-foreground">{t("granted", { credits: creditsText(credits) })}</p>
      </div>
      <dl className="border-y py-5">
        <dt className="text-muted-foreground text-sm">{t("balance")}</dt>
        <dd className="font-medium text-4xl tracking-tight">
          <Credits amount={available} />
        </dd>
      </dl>
      <div className="flex flex-wrap gap-2">
        <LinkButton href="/bazi/new" variant="primary">
          {t("reading")}
        </LinkButton>
        <LinkButton href="/credits">{t("credits")}</LinkButton>
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
