"use client";

import { useTranslations } from "next-intl";
import { Checkbox } from "@/components/ui/checkbox";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { RadioGroup } from "@/components/ui/radio-group";
import { Select } from "@/components/ui/select";
import { ZoneSelect } from "@/components/ui/zone-select";
import { PLACE_IDS } from "@/products/bazi/birth/places";
import type { FieldsProps } from "./fields-props";
import { OTHER_PLACE } from "./form-values";

/** Place, and what the pillars are read from: true solar time, the change of day. */
export function WhereFields(props: FieldsProps & { zones: readonly string[] }) {
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
        <Select
          value={values.placeId}
          onValueChange={(placeId) => change({ placeId })}
          placeholder={t("form.choose")}
          options={[
            ...PLACE_IDS.map((id) => ({ value: id, label: t(`places.${id}`) })),
            { value: OTHER_PLACE, label: t("form.placeOther") },
          ]}
        />
      </Field>
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

function Coordinates({
  values,
  change,
  problemOf,
  zones,
}: FieldsProps & { zones: readonly string[] }) {
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
