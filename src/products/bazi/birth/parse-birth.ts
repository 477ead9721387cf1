import { type BirthInput, birthInputSchema } from "./input";
import { type ProblemCode, problemCodeOf } from "./problem-codes";

/** Field → code of what is wrong with it; codes are keys of `bazi.problems`. */
export type BirthProblems = Partial<Record<BirthField, ProblemCode>>;
export type BirthField = (typeof BIRTH_FIELDS)[number];

const BIRTH_FIELDS = [
  "name",
  "gender",
  "calendar",
  "year",
  "month",
  "day",
  "isLeapMonth",
  "time",
  "place",
  "longitude",
  "zone",
  "useTrueSolarTime",
  "dayChangesAt",
] as const;

/** Reads a birth as a form sends it: the birth, or the first problem of each field. */
export function parseBirth(
  input: unknown,
): { ok: true; birth: BirthInput } | { ok: false; problems: BirthProblems } {
  const parsed = birthInputSchema.safeParse(input);
  if (parsed.success) return { ok: true, birth: parsed.data };
  const problems: BirthProblems = {};
  for (const { path, message } of parsed.error.issues) {
    const field = fieldOf(path);
    problems[field] ??= problemCodeOf(message);
  }
  return { ok: false, problems };
}

/** `["place", "longitude"]` is the field longitude; what is no field of the form is about the place. */
function fieldOf(path: readonly PropertyKey[]): BirthField {
  const last = path.at(-1);
  return BIRTH_FIELDS.find((field) => field === last) ?? "place";
}
