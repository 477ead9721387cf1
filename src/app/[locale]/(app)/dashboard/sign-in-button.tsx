"use client";

import { millisecondsInSecond } from "date-fns/constants";
import { Check } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useEffect, useState, useTransition } from "react";
import { refreshBalance } from "@/components/balance/browser-balance";
import { browserVisibility, whenVisible } from "@/components/balance/page-visibility";
import { errorSentence, type ReportedError } from "@/components/error-sentence";
import { FailureAlert } from "@/components/failure-alert";
import { useRenderedFor } from "@/components/rendered-for";
import { Button } from "@/components/ui/button";
import { RENDERED_FOR_HEADER, type RenderedFor } from "@/lib/rendered-for";

const TIMEOUT_MS = 10_000;

type SignInResult =
  | { readonly status: "added" | "already" }
  | { readonly status: "failed"; readonly error: ReportedError };

/**
 * Claims today's sign-in credits. Refreshes the page afterwards and again when the next day begins.
 * Other tabs follow through the balance.
 */
export function SignInButton({
  isDone,
  isWithheld,
  opensInMs,
  addedText,
  label,
}: {
  isDone: boolean;
  isWithheld: boolean;
  /** Time until the next day begins, by the server's clock. Null while today is unclaimed. */
  opensInMs: number | null;
  /** Shown after today's credits were added. */
  addedText: string;
  /** Of the button while today is unclaimed. */
  label?: string;
}) {
  const t = useTranslations("signin");
  const errors = useTranslations("errors");
  const router = useRouter();
  const renderedFor = useRenderedFor();
  const [pending, startTransition] = useTransition();
  const [result, setResult] = useState<SignInResult | null>(null);
  useRefreshAfter(opensInMs);
  const claim = () =>
    startTransition(async () => {
      setResult(null);
      const outcome = await postSignIn(renderedFor);
      setResult(outcome);
      if (outcome.status === "failed") return;
      router.refresh();
      await refreshBalance();
    });
  return (
    <div className="grid gap-2">
      <Button
        onClick={claim}
        pending={pending}
        disabled={isDone || isWithheld}
        className="justify-self-start"
      >
        {isDone && <Check aria-hidden="true" />}
        {isDone ? t("done") : (label ?? t("claim"))}
      </Button>
      <div role="status" className="text-sm empty:hidden">
        {result?.status === "added" && (isDone || label) && addedText}
        {result?.status === "already" && isDone && t("already")}
        {result?.status === "failed" && (
          <FailureAlert
            failure={{ code: result.error.code, text: errorSentence(errors, result.error) }}
          />
        )}
      </div>
    </div>
  );
}

/** Refreshes the page one second after the given time, or when the reader returns after it. */
function useRefreshAfter(ms: number | null): void {
  const router = useRouter();
  useEffect(() => {
    if (ms === null) return;
    let cancel = () => {};
    const timer = setTimeout(() => {
      cancel = whenVisible(browserVisibility, () => router.refresh());
    }, ms + millisecondsInSecond);
    return () => {
      clearTimeout(timer);
      cancel();
    };
  }, [ms, router]);
}

/** Claims today's credits. Safe to repeat: the server grants a day once. */
async function postSignIn(renderedFor: RenderedFor): Promise<SignInResult> {
  try {
    const response = await fetch("/api/credits/daily-signin", {
      method: "POST",
      headers: renderedFor === null ? {} : { [RENDERED_FOR_HEADER]: renderedFor },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (response.ok) return { status: response.status === 201 ? "added" : "already" };
    return { status: "failed", error: await errorOf(response) };
  } catch {
    return { status: "failed", error: { code: "offline", details: {} } };
  }
}

/** The body of a 409. Not parsed: zod would be 17 kB of script on the dashboard. */
interface Conflict {
  readonly error: { readonly code: string; readonly details: { readonly email?: string } };
}

async function errorOf(response: Response): Promise<ReportedError> {
  if (response.status === 409) {
    const { error }: Conflict = await response.json();
    return { code: error.code, details: { email: error.details.email ?? "" } };
  }
  const retryAfterSeconds = Number(response.headers.get("retry-after") ?? 60);
  const codes: Readonly<Record<number, string>> = {
    401: "not_signed_in",
    403: "not_allowed",
    429: "rate_limited",
  };
  return { code: codes[response.status] ?? "unexpected", details: { retryAfterSeconds } };
}
