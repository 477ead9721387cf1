"use client";

import { useTranslations } from "next-intl";
import { Field } from "../ui/field";
import { Input } from "../ui/input";
import { Select } from "../ui/select";

const LIFETIMES = ["30", "90", "365", "never"] as const;
const WINDOWS = ["day", "month", "total"] as const;

/** How long a key works. */
export function LifetimeField() {
  const t = useTranslations("apiKeys");
  return (
    <Field label={t("lifetime")}>
      <Select
        name="lifetime"
        defaultValue="90"
        options={LIFETIMES.map((value) => ({ value, label: t(`lifetimes.${value}`) }))}
      />
    </Field>
  );
}

/** The most that a key may spend. Empty: no cap. */
export function CapFields({
  cap,
}: {
  cap?: { readonly amount: number; readonly window: (typeof WINDOWS)[number] } | null | undefined;
}) {
  const t = useTranslations("apiKeys");
  return (
    <div className="grid items-start gap-4 sm:grid-cols-2">
      <Field label={t("cap")} hint={t("capHint")} optional>
        <Input
          name="cap"
          type="number"
          inputMode="numeric"
          min={0}
          max={1_000_000_000}
          step={1}
          defaultValue={cap?.amount ?? ""}
        />
      </Field>
      <Field label={t("window")} hint={t("windowHint")}>
        <Select
          name="window"
          defaultValue={cap?.window ?? "month"}
          options={WINDOWS.map((value) => ({ value, label: t(`windows.${value}`) }))}
        />
      </Field>
    </div>
  );
}

/** The requests that a service of the site may send in a minute. Empty: the default. */
export function RequestLimitField({ limit }: { limit: number | null }) {
  const t = useTranslations("apiKeys");
  return (
    <Field label={t("requests")} hint={t("requestsHint")} optional>
      <Input
        name="requests"
        type="number"
        inputMode="numeric"
        min={1}
        max={10_000_000}
        step={1}
        defaultValue={limit ?? ""}
      />
    </Field>
  );
}

export function readRequestLimit(form: FormData): number | null {
  const value = String(form.get("requests") ?? "").trim();
  return value === "" ? null : Number(value);
}

export function readLifetime(form: FormData): number | null {
  const value = form.get("lifetime");
  return value === "never" ? null : Number(value);
}

export function readCap(form: FormData) {
  const amount = String(form.get("cap") ?? "").trim();
  const window = WINDOWS.find((name) => name === form.get("window")) ?? "month";
  return amount === "" ? null : { amount: Number(amount), window };
}
