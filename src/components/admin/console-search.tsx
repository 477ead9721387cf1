import { Search } from "lucide-react";
import Form from "next/form";
import { useLocale, useTranslations } from "next-intl";
import { localePath } from "@/lib/locales";
import { Input } from "../ui/input";

/** The search field on every page of the console. A GET form, which works without scripts. */
export function ConsoleSearch() {
  const t = useTranslations("admin.search");
  return (
    <Form
      action={localePath(useLocale(), "/admin/search")}
      role="search"
      aria-label={t("title")}
      className="relative mb-4 print:hidden sm:max-w-md"
    >
      <Search
        aria-hidden="true"
        className="pointer-events-none absolute start-3 top-1/2 size-4 -translate-y-1/2 text-muted-foreground"
      />
      <Input
        type="search"
        name="q"
        minLength={2}
        maxLength={200}
        required
        aria-label={t("label")}
        placeholder={t("placeholder")}
        className="ps-9"
      />
    </Form>
  );
}
