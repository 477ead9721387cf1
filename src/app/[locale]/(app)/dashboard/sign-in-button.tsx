"use client";

import { Check } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useEffect, useState, useTransition } from "react";
import { refreshBalance } from "@/components/balance/browser-balance";
import { browserSight, whenVisible } from "@/components/balance/page-visibility";
import { errorSentence } from "@/components/error-sentence";
import { Button } from "@/components/ui/button";
import { postSignIn, type SignInAnswer } from "./post-sign-in";

/**
 * Signs in for today. Afterwards the page is read anew, and once more when the next day begins;
 * other tabs follow through the balance.
 */
export function SignInButton({
  isDone,
  opensInMs,
  addedText,
}: {
  isDone: boolean;
  /** Until the next day begins; null while today is open. By the server's clock. */
  opensInMs: number | null;
  /** What to say when today's credits were added. */
  addedText: string;
}) {
  const t = useTranslations("signin");
  const router = useRouter();
  const [pending, startTransition] = useTransition();
  const [answer, setAnswer] = useState<SignInAnswer | null>(null);
  const errors = useTranslations("errors");
  useRefreshAfter(opensInMs);
  const claim = () =>
    startTransition(async () => {
      setAnswer(null);
      const given = await postSignIn();
      setAnswer(given);
      if (given.status === "failed") return;
      router.refresh();
      await refreshBalance();
    });
  return (
    <div className="grid gap-2">
      <Button onClick={claim} pending={pending} disabled={isDone} className="justify-self-start">
        {isDone && <Check aria-hidden="true" />}
        {isDone ? t("done") : t("claim")}
      </Button>
      <div role="status" className="text-sm empty:hidden">
        {answer?.status === "added" && isDone && addedText}
        {answer?.status === "already" && isDone && t("already")}
        {answer?.status === "failed" && (
          <p className="text-destructive">{errorSentence(errors, answer.error)}</p>
        )}
      </div>
    </div>
  );
}

/** Reads the page anew a moment after the time has passed, or when it is looked at again after that. */
function useRefreshAfter(ms: number | null): void {
  const router = useRouter();
  useEffect(() => {
    if (ms === null) return;
    let giveUp = () => {};
    const timer = setTimeout(() => {
      giveUp = whenVisible(browserSight, () => router.refresh());
    }, ms + 1000);
    return () => {
      clearTimeout(timer);
      giveUp();
    };
  }, [ms, router]);
}
