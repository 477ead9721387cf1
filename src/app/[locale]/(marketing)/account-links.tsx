"use client";

import { useTranslations } from "next-intl";
import { useViewer } from "@/app/viewer";
import { LinkButton } from "@/components/ui/link-button";

/** Sign in and create an account; for somebody who is signed in, the way inside. */
export function AccountLinks() {
  const t = useTranslations("common.nav");
  const viewer = useViewer();
  if (viewer?.signedIn) {
    return (
      <LinkButton href="/dashboard" size="sm" className="ms-1">
        {t("dashboard")}
      </LinkButton>
    );
  }
  return (
    <>
      <LinkButton href="/sign-in" variant="quiet" size="sm" prefetch={false}>
        {t("signIn")}
      </LinkButton>
      <LinkButton href="/sign-up" size="sm" className="ms-1 hidden md:inline-flex" prefetch={false}>
        {t("signUp")}
      </LinkButton>
    </>
  );
}
