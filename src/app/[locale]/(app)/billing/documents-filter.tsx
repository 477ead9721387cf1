"use client";

import Form from "next/form";
import { useLocale, useTranslations } from "next-intl";
import type { DocumentStatus } from "@/billing/purchases/documents";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { LinkButton } from "@/components/ui/link-button";
import { Select } from "@/components/ui/select";
import { localePath } from "@/lib/locales";

export interface ShownFilter {
  readonly q: string | null;
  readonly status: DocumentStatus | null;
}

const ANY = "any";
const STATUSES: readonly DocumentStatus[] = ["paid", "refunded", "pending", "open", "void"];

/** Searches the invoices and receipts. A plain GET form, so the filter is part of the URL. */
export function DocumentsFilter({ filter: { q, status } }: { filter: ShownFilter }) {
  const t = useTranslations("billing.payments");
  const locale = useLocale();
  return (
    <Form
      action={localePath(locale, "/billing")}
      scroll={false}
      role="search"
      aria-label={t("filter.label")}
      className="mb-6 flex flex-wrap items-end gap-3"
    >
      <Field label={t("filter.search")} className="w-full sm:w-auto sm:min-w-56 sm:flex-1">
        <Input
          key={q}
          type="search"
          name="q"
          maxLength={200}
          defaultValue={q ?? ""}
          placeholder={t("filter.hint")}
        />
      </Field>
      <Field label={t("filter.status")} className="w-full sm:w-44">
        <Select
          key={status}
          name="status"
          defaultValue={status ?? ANY}
          options={[
            { value: ANY, label: t("filter.any") },
            ...STATUSES.map((value) => ({ value, label: t(`status.${value}`) })),
          ]}
        />
      </Field>
      <Button type="submit">{t("filter.apply")}</Button>
      {(q || status !== null) && (
        <LinkButton href="/billing#payments" variant="quiet" scroll={false}>
          {t("filter.clear")}
        </LinkButton>
      )}
    </Form>
  );
}
