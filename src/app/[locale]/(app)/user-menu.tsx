"use client";

import { CircleUserRound, LogOut } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import { authClient } from "@/auth/client";
import { deleteDrafts } from "@/components/drafts";
import { toast } from "@/components/toast";
import { Button } from "@/components/ui/button";
import {
  DropdownMenu,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuLink,
  DropdownMenuSeparator,
} from "@/components/ui/dropdown-menu";
import { localePath } from "@/lib/locales";

/** The account menu: name, email, links and sign-out. */
export function UserMenu({
  name,
  email,
  isAdmin,
}: {
  name: string;
  email: string;
  isAdmin: boolean;
}) {
  const t = useTranslations("common.nav");
  const signOut = useSignOut();
  return (
    <DropdownMenu
      label={t("account")}
      trigger={(attributes) => (
        <Button {...attributes} variant="quiet" size="icon" aria-label={t("account")}>
          <CircleUserRound aria-hidden="true" className="size-5!" />
        </Button>
      )}
    >
      <DropdownMenuLabel>
        <span className="block max-w-56 truncate font-medium text-foreground text-sm">{name}</span>
        <span className="block max-w-56 truncate">{email}</span>
      </DropdownMenuLabel>
      <DropdownMenuSeparator />
      <DropdownMenuLink href="/billing">{t("billing")}</DropdownMenuLink>
      <DropdownMenuLink href="/settings">{t("settings")}</DropdownMenuLink>
      {isAdmin && <DropdownMenuLink href="/admin">{t("admin")}</DropdownMenuLink>}
      <DropdownMenuSeparator />
      <DropdownMenuItem onClick={() => void signOut()}>
        <LogOut aria-hidden="true" />
        {t("signOut")}
      </DropdownMenuItem>
    </DropdownMenu>
  );
}

/** Signs out and reloads, so that none of the user's content stays in this tab. */
function useSignOut(): () => Promise<void> {
  const locale = useLocale();
  const t = useTranslations("errors");
  return async () => {
    const { error } = await authClient.signOut();
    if (error) {
      toast.error(t(error.code === "UNREACHABLE" ? "offline" : "unexpected"));
      return;
    }
    deleteDrafts();
    window.location.assign(localePath(locale, "/"));
  };
}
