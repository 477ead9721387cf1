import { draftPrefix } from "@/components/drafts";
import type { FormValues } from "./form-values";

/**
 * The values of the form in session storage until a reading is created, so that they survive a
 * reload, a change of language and a visit to the packs. Includes the reading id, so that a retry
 * after a lost response creates no second reading. Keyed by user, because users can share a tab.
 */
export type ReadingDraft = { readingId: string; values: FormValues };

export function loadDraft(userId: string, fallback: FormValues): ReadingDraft | null {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(keyOf(userId)) ?? "null");
    if (!isRecord(stored) || typeof stored.readingId !== "string" || !isRecord(stored.values)) {
      return null;
    }
    return { readingId: stored.readingId, values: readValues(stored.values, fallback) };
  } catch {
    return null;
  }
}

/** Best effort: the browser may refuse storage, and the form works without it. */
export function saveDraft(userId: string, draft: ReadingDraft): void {
  try {
    sessionStorage.setItem(keyOf(userId), JSON.stringify(draft));
  } catch {}
}

export function deleteDraft(userId: string): void {
  try {
    sessionStorage.removeItem(keyOf(userId));
  } catch {}
}

/** Uses the stored values that have the type of their field, and the fallback for the others. */
function readValues(stored: Record<string, unknown>, fallback: FormValues): FormValues {
  const text = (key: keyof FormValues, or: string) => {
    const value = stored[key];
    return typeof value === "string" ? value : or;
  };
  const flag = (key: keyof FormValues, or: boolean) => {
    const value = stored[key];
    return typeof value === "boolean" ? value : or;
  };
  return {
    name: text("name", fallback.name),
    gender: text("gender", fallback.gender),
    calendar: text("calendar", fallback.calendar),
    year: text("year", fallback.year),
    month: text("month", fallback.month),
    day: text("day", fallback.day),
    isLeapMonth: flag("isLeapMonth", fallback.isLeapMonth),
    time: text("time", fallback.time),
    timeUnknown: flag("timeUnknown", fallback.timeUnknown),
    placeId: text("placeId", fallback.placeId),
    // Drafts of the time before the search have none. They hold places of the list.
    placeText: text("placeText", ""),
    longitude: text("longitude", fallback.longitude),
    zone: text("zone", fallback.zone),
    useTrueSolarTime: flag("useTrueSolarTime", fallback.useTrueSolarTime),
    dayChangesAt: text("dayChangesAt", fallback.dayChangesAt),
    keepInProfile: flag("keepInProfile", fallback.keepInProfile),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function keyOf(userId: string): string {
  return draftPrefix("reading") + userId;
}
