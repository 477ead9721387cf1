"use client";

import { useTranslations } from "next-intl";
import { toast } from "@/components/toast";
import { Button } from "@/components/ui/button";
import { useServerAction } from "@/components/use-server-action";
import { signOutOne, signOutOthers } from "../actions";

export function SignOutButton({ sessionId, name }: { sessionId: string; name: string }) {
  const t = useTranslations("settings.devices");
  const { isPending, submit } = useServerAction();
  const signOut = () =>
    submit(
      (renderedFor) => signOutOne(renderedFor, { sessionId }),
      () => toast.success(t("signedOut")),
    );
  return (
    <Button
      size="sm"
      pending={isPending}
      aria-label={t("signOutNamed", { name })}
      onClick={signOut}
    >
      {t("signOut")}
    </Button>
  );
}

export function SignOutOthersButton() {
  const t = useTranslations("settings.devices");
  const { isPending, submit } = useServerAction();
  const signOut = () =>
    submit(
      (renderedFor) => signOutOthers(renderedFor, undefined),
      () => toast.success(t("signedOut")),
    );
  return (
    <Button size="sm" pending={isPending} onClick={signOut}>
      {t("signOutOthers")}
    </Button>
  );
}
