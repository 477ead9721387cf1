"use client";

import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { useLocale, useTranslations } from "next-intl";
import { type FormEvent, useTransition } from "react";
import { timeZoneName } from "@/lib/time-zones";
import { useReaderZone } from "../reader-zone";
import { Button } from "../ui/button";
import { Field } from "../ui/field";
import { Input } from "../ui/input";
import { fromLocalInput, toLocalInput } from "./local-date-time";

/** Sets the `?at=` query parameter from a date and time in the reader's time zone. */
export function AsOfPicker({ at, now }: { at: Date | null; now: Date }) {
  const t = useTranslations("admin.asOf");
  const router = useRouter();
  const path = usePathname();
  const query = useSearchParams();
  const locale = useLocale();
  const zone = useReaderZone();
  const [pending, startTransition] = useTransition();
  const show = (instant: Date | null) => {
    const next = new URLSearchParams(query);
    if (instant === null) next.delete("at");
    else next.set("at", instant.toISOString());
    startTransition(() => router.replace(`${path}?${next}`, { scroll: false }));
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    show(fromLocalInput(String(new FormData(event.currentTarget).get("at"))));
  };
  return (
    <form onSubmit={submit} className="flex flex-wrap items-end gap-2">
      <Field label={t("label", { zone: timeZoneName(zone, locale) })}>
        <Input
          key={`${zone} ${at?.toISOString()}`}
          type="datetime-local"
          step={1}
          name="at"
          max={toLocalInput(now, zone)}
          defaultValue={toLocalInput(at ?? now, zone)}
        />
      </Field>
      <Button type="submit" pending={pending}>
        {t("show")}
      </Button>
      {at !== null && (
        <Button variant="quiet" onClick={() => show(null)}>
          {t("now")}
        </Button>
      )}
    </form>
  );
}
