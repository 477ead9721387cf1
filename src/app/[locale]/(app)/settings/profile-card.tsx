"use client";

import { useLocale, useTranslations } from "next-intl";
import { type FormEvent, useRef, useState, useSyncExternalStore } from "react";
import { browserTimeZone } from "@/app/[locale]/(auth)/browser-time-zone";
import { nameProblem } from "@/auth/field-problems";
import { useFormDraft } from "@/components/form-draft";
import { toast } from "@/components/toast";
import { Button } from "@/components/ui/button";
import { Card, CardHeader } from "@/components/ui/card";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { ZoneSelect } from "@/components/ui/zone-select";
import { useServerAction } from "@/components/use-server-action";
import { isLocale, LOCALES, type Locale } from "@/lib/locales";
import { type TimeZoneOption, timeZoneName } from "@/lib/time-zones";
import { saveSettings } from "./actions";

interface Profile {
  readonly name: string;
  readonly locale: Locale;
  readonly timeZone: string;
}

export function ProfileCard({
  profile,
  timeZones,
}: {
  profile: Profile;
  timeZones: readonly TimeZoneOption[];
}) {
  const t = useTranslations("settings.profile");
  const languages = useTranslations("common.languageNames");
  const problems = useTranslations("auth.problems");
  const pageLocale = useLocale();
  const { run, showFailure } = useServerAction();
  const draft = useFormDraft(useRef<HTMLFormElement>(null), "profile");
  const [pending, setPending] = useState(false);
  const [nameError, setNameError] = useState<ReturnType<typeof nameProblem>>(null);

  async function save(chosen: Profile): Promise<void> {
    setPending(true);
    const { failure } = await run((renderedFor) => saveSettings(renderedFor, chosen));
    setPending(false);
    if (failure !== null) {
      showFailure(failure);
      return;
    }
    toast.success(t("saved"));
    // The path contains the locale even for English, so that the proxy stores the choice.
    if (chosen.locale !== pageLocale) {
      window.location.assign(chosen.locale === "en" ? "/en/settings" : "/zh/settings");
    }
  }

  function onSubmit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const typed = new FormData(event.currentTarget);
    const name = String(typed.get("name"));
    const locale = typed.get("locale");
    const problem = nameProblem(name);
    setNameError(problem);
    if (problem !== null) event.currentTarget.querySelector<HTMLElement>("[name=name]")?.focus();
    if (problem !== null || pending) return;
    const timeZone = String(typed.get("timeZone"));
    void save({ name, locale: isLocale(locale) ? locale : profile.locale, timeZone });
  }

  return (
    <Card>
      <CardHeader title={t("title")} />
      <form {...draft} onSubmit={onSubmit} method="post" noValidate className="grid gap-5">
        <Field
          label={t("name")}
          error={nameError && problems(nameError, { min: 0, max: 0, minutes: 0 })}
          required
        >
          <Input name="name" autoComplete="name" defaultValue={profile.name} />
        </Field>
        <Field label={t("language")} hint={t("languageHint")}>
          <Select
            name="locale"
            defaultValue={profile.locale}
            options={LOCALES.map((value) => ({ value, label: languages(value) }))}
          />
        </Field>
        <Field label={t("timeZone")} hint={<ZoneHint chosen={profile.timeZone} />}>
          <ZoneSelect name="timeZone" defaultValue={profile.timeZone} zones={timeZones} />
        </Field>
        <Button type="submit" variant="primary" pending={pending} className="justify-self-start">
          {t("save")}
        </Button>
      </form>
    </Card>
  );
}

/** Explains the time zone. Shows the device's zone too when it differs, which only the browser knows. */
function ZoneHint({ chosen }: { chosen: string }) {
  const t = useTranslations("settings.profile");
  const locale = useLocale();
  const own = useSyncExternalStore(neverChanges, browserTimeZone, () => chosen);
  return (
    <>
      {t("timeZoneHint")}
      {own !== chosen && (
        <span className="block">{t("deviceZone", { zone: timeZoneName(own, locale) })}</span>
      )}
    </>
  );
}

const neverChanges = () => () => {};
