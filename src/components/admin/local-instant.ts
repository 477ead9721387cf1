"use client";

import { useSyncExternalStore } from "react";

const neverChanges = () => () => {};
const browserZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;
const serverZone = () => "UTC";

/** The reader's zone; UTC in the server's HTML and right after it. */
export function useReaderZone(): string {
  return useSyncExternalStore(neverChanges, browserZone, serverZone);
}

/** An instant as a `datetime-local` input takes it, in a zone: `2026-03-01T09:30:00`. */
export function toLocalInput(at: Date, timeZone: string): string {
  const format = new Intl.DateTimeFormat("sv-SE", {
    timeZone,
    dateStyle: "short",
    timeStyle: "medium",
  });
  return format.format(at).replace(" ", "T");
}

/** What such an input holds, in the browser's own zone; null when it is empty or impossible. */
export function fromLocalInput(value: string): Date | null {
  const at = new Date(value);
  return value === "" || Number.isNaN(at.getTime()) ? null : at;
}
