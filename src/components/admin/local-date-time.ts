"use client";

/** Formats an instant for a `datetime-local` input: `2026-03-01T09:30:00`. */
export function toLocalInput(at: Date, timeZone: string): string {
  const format = new Intl.DateTimeFormat("sv-SE", {
    timeZone,
    dateStyle: "short",
    timeStyle: "medium",
  });
  return format.format(at).replace(" ", "T");
}

/** Parses such an input in the browser's time zone; null if it is empty or invalid. */
export function fromLocalInput(value: string): Date | null {
  const at = new Date(value);
  return value === "" || Number.isNaN(at.getTime()) ? null : at;
}
