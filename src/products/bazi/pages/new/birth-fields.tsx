"use client";

import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Checkbox } from "@/components/ui/checkbox";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { RadioGroup } from "@/components/ui/radio-group";
import { Select } from "@/components/ui/select";
import { ZoneSelect } from "@/components/ui/zone-select";
import type { TimeZoneOption } from "@/lib/time-zones";
import { type BirthField, NAME_MAX_LENGTH } from "../../birth/fields";
import { type FormValues, OTHER_PLACE } from "./form-values";
import { PlaceField } from "./place-field";

export type FieldsProps = {
  values: FormValues;
  change: (changed: Partial<FormValues>) => void;
  /** The message for a field, or undefined if it has no problem or has been edited since. */
  problemOf: (field: BirthField) => string | undefined;
};

const MONTHS = Array.from({ length: 12 }, (_, index) => String(index + 1));
const SOLAR_DAYS = Array.from({ length: 31 }, (_, index) => String(index + 1));
const LUNAR_DAYS = SOLAR_DAYS.slice(0, 30);

/** Name and gender. */
export function WhoFields({ values, change, problemOf }: FieldsProps) {
  const t = useTranslations("bazi");
  return (
    <div className="grid gap-5 sm:grid-cols-2">
      <Field label={t("form.name")} hint={t("form.nameHint")} error={problemOf("name")} required>
        <Input
          autoComplete="off"
          maxLength={NAME_MAX_LENGTH}
          value={values.name}
          onChange={({ target }) => change({ name: target.value })}
        />
      </Field>
      <Field
        label={t("form.gender")}
        hint={t("form.genderHint")}
        error={problemOf("gender")}
        required
      >
        <RadioGroup
          value={values.gender}
          onValueChange={(gender) => change({ gender })}
          options={[
            { value: "female", label: t("birth.female") },
            { value: "male", label: t("birth.male") },
          ]}
          className="min-h-10 items-center"
        />
      </Field>
    </div>
  );
}

/** Calendar, date, leap month and time. */
export function WhenFields(props: FieldsProps) {
  const { values, change, problemOf } = props;
  const t = useTranslations("bazi");
  const isLunar = values.calendar === "lunar";
  return (
    <div className="grid gap-5">
      <Field label={t("form.calendar")} error={problemOf("calendar")}>
        <RadioGroup
          value={values.calendar}
          onValueChange={(calendar) => change({ calendar })}
          options={[
            { value: "solar", label: t("birth.solar") },
            { value: "lunar", label: t("birth.lunar") },
          ]}
        />
      </Field>
      <div className="grid gap-5 sm:grid-cols-3">
        <Field label={t("form.year")} error={problemOf("year")} required>
          <Input
            inputMode="numeric"
            autoComplete="off"
            maxLength={4}
            placeholder="1990"
            value={values.year}
            onChange={({ target }) => change({ year: target.value })}
          />
        </Field>
        <Field label={t("form.month")} error={problemOf("month")} required>
          <Select
            value={values.month}
            onValueChange={(month) => change({ month })}
            placeholder={t("form.choose")}
            options={MONTHS.map((month) => ({
              value: month,
              label: isLunar ? t("lunarMonthName", { month }) : t("monthName", { month }),
            }))}
          />
        </Field>
        <Field label={t("form.day")} error={problemOf("day")} required>
          <Select
            value={values.day}
            onValueChange={(day) => change({ day })}
            placeholder={t("form.choose")}
            options={(isLunar ? LUNAR_DAYS : SOLAR_DAYS).map((day) => ({
              value: day,
              label: isLunar ? t("lunarDayName", { day }) : t("dayName", { day }),
            }))}
          />
        </Field>
      </div>
      {isLunar && <LeapMonth {...props} />}
      <Time {...props} />
    </div>
  );
}

/** Place, true solar time and the change of day. */
export function WhereFields(props: FieldsProps & { zones: readonly TimeZoneOption[] }) {
  const { values, change, problemOf } = props;
  const t = useTranslations("bazi");
  return (
    <div className="grid gap-5">
      <Field
        label={t("form.place")}
        hint={t("form.placeHint")}
        error={values.placeId === OTHER_PLACE ? undefined : problemOf("place")}
        required
      >
        <PlaceField values={values} change={change} />
      </Field>
      <p className="-mt-3.5 text-muted-foreground text-xs">
        {t.rich("form.placeCredit", {
          source: linkTo("https://www.geonames.org/"),
          license: linkTo("https://creativecommons.org/licenses/by/4.0/"),
        })}
      </p>
      {values.placeId === OTHER_PLACE && <Coordinates {...props} />}
      <div>
        <Checkbox
          label={t("form.trueSolarTime")}
          checked={values.useTrueSolarTime}
          onCheckedChange={(useTrueSolarTime) => change({ useTrueSolarTime })}
        />
        <p className="ms-7.5 text-muted-foreground text-sm">{t("form.trueSolarTimeHint")}</p>
      </div>
      <Field label={t("form.dayChange")} hint={t("form.dayChangeHint")}>
        <RadioGroup
          value={values.dayChangesAt}
          onValueChange={(dayChangesAt) => change({ dayChangesAt })}
          options={[
            { value: "midnight", label: t("form.dayChangeMidnight") },
            { value: "23:00", label: t("form.dayChange23") },
          ]}
        />
      </Field>
    </div>
  );
}

function linkTo(href: string) {
  return function CreditLink(text: ReactNode) {
    return (
      <a href={href} className="underline underline-offset-4">
        {text}
      </a>
    );
  };
}

function LeapMonth({ values, change, problemOf }: FieldsProps) {
  const t = useTranslations("bazi");
  const problem = problemOf("isLeapMonth");
  return (
    <div>
      <Checkbox
        label={t("form.leapMonth")}
        checked={values.isLeapMonth}
        onCheckedChange={(isLeapMonth) => change({ isLeapMonth })}
        aria-invalid={problem === undefined ? undefined : true}
      />
      <p
        role={problem === undefined ? undefined : "alert"}
        className={`ms-7.5 text-sm ${problem === undefined ? "text-muted-foreground" : "text-destructive"}`}
      >
        {problem ?? t("form.leapMonthHint")}
      </p>
    </div>
  );
}

function Time({ values, change, problemOf }: FieldsProps) {
  const t = useTranslations("bazi");
  return (
    <div className="grid gap-3">
      <Field label={t("form.time")} hint={t("form.timeHint")} error={problemOf("time")}>
        <Input
          type="time"
          className="sm:w-40"
          value={values.timeUnknown ? "" : values.time}
          disabled={values.timeUnknown}
          onChange={({ target }) => change({ time: target.value })}
        />
      </Field>
      <Checkbox
        label={t("form.timeUnknown")}
        checked={values.timeUnknown}
        onCheckedChange={(timeUnknown) => change({ timeUnknown })}
      />
    </div>
  );
}

function Coordinates({
  values,
  change,
  problemOf,
  zones,
}: FieldsProps & { zones: readonly TimeZoneOption[] }) {
  const t = useTranslations("bazi");
  return (
    <div className="grid gap-5 sm:grid-cols-2">
      <Field
        label={t("form.longitude")}
        hint={t("form.longitudeHint")}
        error={problemOf("longitude") ?? problemOf("place")}
        required
      >
        <Input
          inputMode="text"
          autoComplete="off"
          maxLength={12}
          value={values.longitude}
          onChange={({ target }) => change({ longitude: target.value })}
        />
      </Field>
      <Field label={t("form.zone")} hint={t("form.zoneHint")} error={problemOf("zone")} required>
        <ZoneSelect
          zones={zones}
          placeholder={t("form.choose")}
          value={values.zone}
          onChange={({ target }) => change({ zone: target.value })}
        />
      </Field>
    </div>
  );
}
