"use client";

import { useLocale, useTranslations } from "next-intl";
import { toast } from "sonner";
import { forgetDrafts } from "@/app/[locale]/(app)/drafts";
import { UserMenu } from "@/app/[locale]/(app)/user-menu";
import { authClient } from "@/auth/client";
import { localePath } from "@/lib/locales";

/** Signing out loads the home page anew, so that nothing of the person stays in this tab. */
export function SignedInMenu(user: { name: string; email: string; isAdmin: boolean }) {
  const locale = useLocale();
  const t = useTranslations("errors");
  const signOut = async () => {
    const { error } = await authClient.signOut();
    if (error) {
      toast.error(t(error.code === "UNREACHABLE" ? "offline" : "unexpected"));
      return;
    }
    forgetDrafts();
    window.location.assign(localePath(locale, "/"));
  };
  return <UserMenu {...user} onSignOut={() => void signOut()} />;
}
