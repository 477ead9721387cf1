"use client";

import { useTranslations } from "next-intl";
import { useTransition } from "react";
import { toast } from "sonner";
import type { ActionError } from "@/app/actions/safe-action";
import { Button } from "@/components/ui/button";
import { signOutOne, signOutOthers } from "./sign-out-devices";
import { useActionError } from "./use-action-error";

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
  const sayError = useActionError();
  const [pending, startTransition] = useTransition();
  const run = (signOut: () => Promise<{ serverError?: ActionError | undefined }>) =>
    startTransition(async () => {
      const { serverError } = await signOut();
      if (serverError) toast.error(sayError(serverError));
      else toast.success(t("signedOut"));
    });
  return { pending, run };
}
