"use client";

import { useSyncExternalStore } from "react";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

/** The key in `localStorage`. `/theme.js` reads it before the first paint. */
const KEY = "theme";
const DEVICE_IS_DARK = "(prefers-color-scheme: dark)";

/** The choice when storage is blocked. It lasts until the page is left. */
let unstored: Theme = "system";
const listeners = new Set<() => void>();

/**
 * Returns the reader's choice, updated from the system and from other tabs. Null until hydration,
 * because the server does not know it.
 */
export function useTheme(): Theme | null {
  return useSyncExternalStore(subscribe, chosenTheme, () => null);
}

/** Whether the page is dark now, from the choice and the system setting. */
export function useIsDark(): boolean {
  return useSyncExternalStore(subscribe, isDark, () => false);
}

export function setTheme(theme: string): void {
  unstored = THEMES.find((known) => known === theme) ?? "system";
  try {
    localStorage.setItem(KEY, unstored);
  } catch {}
  paintTheme();
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    matchMedia(DEVICE_IS_DARK).addEventListener("change", paintTheme);
    window.addEventListener("storage", paintTheme);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    matchMedia(DEVICE_IS_DARK).removeEventListener("change", paintTheme);
    window.removeEventListener("storage", paintTheme);
  };
}

/** Sets the theme class of `<html>` and notifies the listeners. */
export function paintTheme(): void {
  document.documentElement.classList.toggle("dark", isDark());
  for (const listener of listeners) listener();
}

function chosenTheme(): Theme {
  try {
    const stored = localStorage.getItem(KEY);
    return THEMES.find((known) => known === stored) ?? "system";
  } catch {
    return unstored;
  }
}

function isDark(): boolean {
  const theme = chosenTheme();
  return theme === "dark" || (theme === "system" && matchMedia(DEVICE_IS_DARK).matches);
}
