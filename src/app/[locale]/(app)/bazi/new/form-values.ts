import type { BirthInput } from "@/products/bazi/birth/input";
import type { BirthField, BirthProblems } from "@/products/bazi/birth/parse-birth";

/** The form as it is typed: text until it is sent. `placeId` is a city, `other`, or empty. */
export type FormValues = {
  name: string;
  gender: string;
  calendar: string;
  year: string;
  month: string;
  day: string;
  isLeapMonth: boolean;
  time: string;
  timeUnknown: boolean;
  placeId: string;
  longitude: string;
  zone: string;
  useTrueSolarTime: boolean;
  dayChangesAt: string;
  keepInProfile: boolean;
};

export const OTHER_PLACE = "other";

const EMPTY: FormValues = {
  name: "",
  gender: "",
  calendar: "solar",
  year: "",
  month: "",
  day: "",
  isLeapMonth: false,
  time: "",
  timeUnknown: false,
  placeId: "",
  longitude: "",
  zone: "",
  useTrueSolarTime: true,
  dayChangesAt: "midnight",
  keepInProfile: false,
};

/** The form as it is first shown: empty, or filled from the birth that was kept. */
export function initialValues(profile: BirthInput | null): FormValues {
  if (profile === null) return EMPTY;
  const { place, time } = profile;
  return {
    name: profile.name,
    gender: profile.gender,
    calendar: profile.calendar,
    year: String(profile.year),
    month: String(profile.month),
    day: String(profile.day),
    isLeapMonth: profile.isLeapMonth,
    time: time ?? "",
    timeUnknown: time === null,
    placeId: place.kind === "city" ? place.cityId : OTHER_PLACE,
    longitude: place.kind === "city" ? "" : String(place.longitude),
    zone: place.kind === "city" ? "" : place.zone,
    useTrueSolarTime: profile.useTrueSolarTime,
    dayChangesAt: profile.dayChangesAt,
    keepInProfile: false,
  };
}

/** What is sent: the server's schema reads it and names what is wrong. */
export function birthOf(values: FormValues): Record<string, unknown> {
  const { name, gender, calendar, time, timeUnknown, useTrueSolarTime, dayChangesAt } = values;
  return {
    ...{ name, gender, calendar, useTrueSolarTime, dayChangesAt },
    year: wholeNumber(values.year),
    month: wholeNumber(values.month),
    day: wholeNumber(values.day),
    isLeapMonth: calendar === "lunar" && values.isLeapMonth,
    time: timeUnknown ? null : time,
    place: placeOf(values),
  };
}

/** Null, which no schema takes for a number, where a number is missing: JSON has no NaN. */
function wholeNumber(text: string): number | null {
  return /^\d+$/.test(text.trim()) ? Number(text) : null;
}

function placeOf({ placeId, longitude, zone }: FormValues) {
  if (placeId !== OTHER_PLACE) return { kind: "city", cityId: placeId };
  const degrees = longitude.trim().replace("−", "-").replace(",", ".");
  return {
    kind: "coordinates",
    longitude: degrees === "" || Number.isNaN(Number(degrees)) ? null : Number(degrees),
    zone: zone.trim(),
  };
}

/** The problem of a field, if the person has not changed the field since. */
export type ProblemOf = (field: BirthField) => string | undefined;

/** The fields whose problem may be gone when a value of the form is changed. */
export function withoutProblemsOf(
  problems: BirthProblems,
  changed: Partial<FormValues>,
): BirthProblems {
  const gone = new Set<string>(Object.keys(changed).flatMap((key) => TOUCHES[key] ?? [key]));
  return Object.fromEntries(Object.entries(problems).filter(([field]) => !gone.has(field)));
}

const TOUCHES: Readonly<Record<string, readonly string[]>> = {
  calendar: ["calendar", "year", "month", "day", "isLeapMonth"],
  year: ["year", "day", "isLeapMonth", "time"],
  month: ["month", "day", "isLeapMonth", "time"],
  day: ["day", "time"],
  isLeapMonth: ["isLeapMonth", "day"],
  timeUnknown: ["time", "day"],
  placeId: ["place", "longitude", "zone", "time", "day"],
  longitude: ["longitude", "place"],
  zone: ["zone", "place", "time", "day"],
};
