"use client";

import { useTranslations } from "next-intl";
import { Checkbox } from "@/components/ui/checkbox";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { RadioGroup } from "@/components/ui/radio-group";
import { Select } from "@/components/ui/select";
import type { FieldsProps } from "./fields-props";

const MONTHS = Array.from({ length: 12 }, (_, place) => String(place + 1));
const SOLAR_DAYS = Array.from({ length: 31 }, (_, place) => String(place + 1));
const LUNAR_DAYS = SOLAR_DAYS.slice(0, 30);

/** Calendar, date, leap month, time. */
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
