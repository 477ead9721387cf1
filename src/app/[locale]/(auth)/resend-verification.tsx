"use client";

import { useLocale, useTranslations } from "next-intl";
import { useState } from "react";
import { authClient } from "@/auth/client";
import { Button } from "@/components/ui/button";
import { localePath } from "@/lib/locales";
import { problemsOf } from "./auth-problem";
import { useProblemText } from "./use-auth-form";

/** Resends the verification email and shows the result. */
export function ResendVerification({ email }: { email: string }) {
  const t = useTranslations("auth.verifyEmail");
  const locale = useLocale();
  const problemText = useProblemText();
  const [pending, setPending] = useState(false);
  const [result, setResult] = useState<string | null>(null);

  async function send(): Promise<void> {
    setPending(true);
    const callbackURL = localePath(locale, "/verify-email");
    const { error } = await authClient.sendVerificationEmail({ email, callbackURL });
    setResult((error && problemText(problemsOf(error, []).form)) ?? t("sent", { email }));
    setPending(false);
  }

  return (
    <div className="grid justify-items-start gap-2">
      <Button pending={pending} onClick={() => void send()}>
        {t("resend")}
      </Button>
      <p role="status" className="text-muted-foreground text-sm empty:hidden">
        {result}
      </p>
    </div>
  );
}
