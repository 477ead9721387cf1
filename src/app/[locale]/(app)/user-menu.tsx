"use client";

import { CircleUserRound, LogOut } from "lucide-react";
import { useTranslations } from "next-intl";
import { Button } from "@/components/ui/button";
import {
  DropdownMenu,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuLink,
  DropdownMenuSeparator,
} from "@/components/ui/dropdown-menu";

/** Who is signed in, where their things are, and the way out. */
export function UserMenu({
  name,
  email,
  isAdmin,
  onSignOut,
}: {
  name: string;
  email: string;
  isAdmin: boolean;
  onSignOut: () => void;
}) {
  const t = useTranslations("common.nav");
  return (
    <DropdownMenu
      trigger={
        <Button variant="quiet" size="icon" aria-label={t("account")}>
          <CircleUserRound aria-hidden="true" className="size-5!" />
        </Button>
      }
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
      <DropdownMenuItem onClick={onSignOut}>
        <LogOut aria-hidden="true" />
        {t("signOut")}
      </DropdownMenuItem>
    </DropdownMenu>
  );
}
