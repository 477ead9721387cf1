import type { FormValues, ProblemOf } from "./form-values";

/** What each group of fields is given by the form. */
export type FieldsProps = {
  values: FormValues;
  change: (changed: Partial<FormValues>) => void;
  problemOf: ProblemOf;
};
