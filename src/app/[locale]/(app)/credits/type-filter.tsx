"use client";

import { useRouter } from "next/navigation";
import { useLocale, useTranslations } from "next-intl";
import { useTransition } from "react";
import { Select } from "@/components/ui/select";
import type { CreditType } from "@/credits/grant-credits";
import { localePath } from "@/lib/locales";

/** Shows one type of entry, from its newest on. The choice lives in the address. */
export function TypeFilter({
  value,
  types,
}: {
  value: CreditType | null;
  types: readonly CreditType[];
}) {
  const t = useTranslations("credits");
  const locale = useLocale();
  const router = useRouter();
  const [pending, startTransition] = useTransition();
  const show = (type: string) => {
    const path = type === "all" ? "/credits" : `/credits?type=${type}`;
    startTransition(() => router.push(localePath(locale, path), { scroll: false }));
  };
  return (
    <div aria-busy={pending} className={pending ? "opacity-60" : undefined}>
      <Select
        aria-label={t("ledger.filter")}
        value={value ?? "all"}
        onValueChange={show}
        className="h-9 w-52"
        options={[
          { value: "all", label: t("ledger.all") },
          ...types.map((type) => ({ value: type, label: t(`types.${type}.label`) })),
        ]}
      />
    </div>
  );
}
