"use client";

import { useTranslations } from "next-intl";
import { useTransition } from "react";
import { toast } from "sonner";
import { Button } from "@/components/ui/button";
import { useAttempt } from "@/components/use-attempt";
import { signOutOne, signOutOthers } from "./sign-out-devices";

export function SignOutButton({ sessionId, name }: { sessionId: string; name: string }) {
  const t = useTranslations("settings.devices");
  const { pending, run } = useSigningOut();
  return (
    <Button
      size="sm"
      pending={pending}
      aria-label={t("signOutNamed", { name })}
      onClick={() => run(() => signOutOne({ sessionId }))}
    >
      {t("signOut")}
    </Button>
  );
}

export function SignOutOthersButton() {
  const t = useTranslations("settings.devices");
  const { pending, run } = useSigningOut();
  return (
    <Button size="sm" pending={pending} onClick={() => run(() => signOutOthers())}>
      {t("signOutOthers")}
    </Button>
  );
}

function useSigningOut() {
  const t = useTranslations("settings.devices");
  const attempt = useAttempt();
  const [pending, startTransition] = useTransition();
  const run = (signOut: Parameters<typeof attempt>[0]) =>
    startTransition(async () => {
      const refusal = await attempt(signOut);
      if (refusal === null) toast.success(t("signedOut"));
      else toast.error(refusal.text);
    });
  return { pending, run };
}
