import type { BirthProblems } from "../../birth/fields";
import type { BirthInput } from "../../birth/input";

/**
 * The form as typed; numbers are text. `placeId` is a city, `other` or empty; `placeText` is what its
 * field shows.
 */
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
  placeText: string;
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
  placeText: "",
  longitude: "",
  zone: "",
  useTrueSolarTime: true,
  dayChangesAt: "midnight",
  keepInProfile: false,
};

/** The initial form: empty, or filled from the saved birth, whose city is called `placeText`. */
export function initialValues(profile: BirthInput | null, placeText: string): FormValues {
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
    placeText,
    longitude: place.kind === "city" ? "" : String(place.longitude),
    zone: place.kind === "city" ? "" : place.zone,
    useTrueSolarTime: profile.useTrueSolarTime,
    dayChangesAt: profile.dayChangesAt,
    keepInProfile: false,
  };
}

/** The birth as submitted. The server validates it. */
export function birthOf(values: FormValues): Record<string, unknown> {
  const { name, gender, calendar, time, timeUnknown, useTrueSolarTime, dayChangesAt } = values;
  return {
    name,
    gender,
    calendar,
    useTrueSolarTime,
    dayChangesAt,
    year: wholeNumber(values.year),
    month: wholeNumber(values.month),
    day: wholeNumber(values.day),
    isLeapMonth: calendar === "lunar" && values.isLeapMonth,
    time: timeUnknown ? null : time,
    place: placeOf(values),
  };
}

/** Null, which fails validation, if the text is no integer. JSON has no NaN. */
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

/** Removes the problems that a change of values may have solved. */
export function withoutProblemsOf(
  problems: BirthProblems,
  changed: Partial<FormValues>,
): BirthProblems {
  const solved = new Set<string>(
    Object.keys(changed).flatMap((key) => FIELDS_AFFECTED_BY[key] ?? [key]),
  );
  return Object.fromEntries(Object.entries(problems).filter(([field]) => !solved.has(field)));
}

/** The fields whose problem may depend on a form value, if other than its own. */
const FIELDS_AFFECTED_BY: Readonly<Record<string, readonly string[]>> = {
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
