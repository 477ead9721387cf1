"use client";

import { useLocale, useTranslations } from "next-intl";
import { useState } from "react";
import { authClient } from "@/auth/client";
import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { localePath } from "@/lib/locales";
import { rememberTimeZone } from "./browser-time-zone";

/** Buttons for the configured OAuth providers. Renders nothing without providers. */
export function ProviderButtons({
  providers,
  destination,
}: {
  providers: readonly ("google" | "github")[];
  /** The path to open after sign-in. */
  destination: string;
}) {
  const t = useTranslations("auth.providers");
  const locale = useLocale();
  const [leavingTo, setLeavingTo] = useState<string | null>(null);
  const [failed, setFailed] = useState(false);
  if (providers.length === 0) return null;

  async function go(provider: string): Promise<void> {
    setLeavingTo(provider);
    setFailed(false);
    rememberTimeZone();
    const { data } = await authClient.signInWith({
      provider,
      callbackURL: destination,
      errorCallbackURL: localePath(locale, "/sign-in"),
    });
    const url = data?.url;
    if (typeof url === "string") return window.location.assign(url);
    setLeavingTo(null);
    setFailed(true);
  }

  return (
    <div className="grid gap-3">
      {providers.map((provider) => (
        <Button
          key={provider}
          pending={leavingTo === provider}
          disabled={leavingTo !== null && leavingTo !== provider}
          onClick={() => void go(provider)}
        >
          {t(provider)}
        </Button>
      ))}
      {failed && <Alert tone="destructive">{t("failed")}</Alert>}
      <p className="flex items-center gap-3 text-muted-foreground text-sm before:h-px before:flex-1 before:bg-border after:h-px after:flex-1 after:bg-border">
        {t("or")}
      </p>
    </div>
  );
}
