"use client";

import { useTranslations } from "next-intl";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { RadioGroup } from "@/components/ui/radio-group";
import { NAME_MAX_LENGTH } from "@/products/bazi/birth/name-length";
import type { FieldsProps } from "./fields-props";

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
