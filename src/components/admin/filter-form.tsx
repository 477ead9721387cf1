import Form from "next/form";
import { useLocale, useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { localePath } from "@/lib/locales";
import { Button } from "../ui/button";
import { LinkButton } from "../ui/link-button";

/**
 * Filters that live in the address: a plain form that asks for the page anew, so it works before
 * scripts are there, can be bookmarked, and always starts on the newest page.
 */
export function FilterForm({
  path,
  filtered,
  children,
}: {
  path: string;
  /** Whether anything is set, and so could be cleared. */
  filtered: boolean;
  children: ReactNode;
}) {
  const t = useTranslations("admin.filter");
  return (
    <Form
      action={localePath(useLocale(), path)}
      role="search"
      className="mb-6 flex flex-wrap items-end gap-3"
    >
      {children}
      <Button type="submit">{t("apply")}</Button>
      {filtered && (
        <LinkButton href={path} variant="quiet">
          {t("clear")}
        </LinkButton>
      )}
    </Form>
  );
}
