"use client";

import { type RefObject, useEffect } from "react";
import { draftPrefix } from "./drafts";
import { useRenderedFor } from "./rendered-for";

/** The user's id and the form follow. */
const KEY_PREFIX = draftPrefix("form");

/** A password that is shown has the type text, so `autocomplete` decides as well. */
const TEXT_FIELDS =
  "input:not([type=hidden], [type=password], [type=checkbox], [autocomplete*=password]), textarea";

/**
 * Restores, once, what was typed into a form before its page was reloaded with `reloadPage` or its
 * language was switched. `name` identifies the form; the draft belongs to the person whom the page was
 * rendered for. Passwords are never stored. Returns the attributes for the form.
 */
export function useFormDraft(form: RefObject<HTMLFormElement | null>, name: string) {
  const key = `${KEY_PREFIX}${useRenderedFor() ?? ""}:${name}`;
  useEffect(() => {
    for (const [field, value] of takeDraft(key)) {
      const input = textFields(form.current).find((one) => one.name === field);
      if (input !== undefined) input.value = value;
    }
  }, [form, key]);
  useEffect(() => {
    document.addEventListener("click", saveBeforeSwitch);
    return () => document.removeEventListener("click", saveBeforeSwitch);
  }, []);
  return { ref: form, "data-draft": key };
}

/** Reloads the page. Forms with a draft keep what was typed. */
export function reloadPage(): void {
  saveFormDrafts();
  window.location.reload();
}

/** Links to other languages have `hreflang`. */
function saveBeforeSwitch({ target }: MouseEvent): void {
  if (target instanceof Element && target.closest("a[hreflang]") !== null) saveFormDrafts();
}

/** Stores the forms of the page for `useFormDraft`. Best effort: the browser may refuse storage. */
function saveFormDrafts(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-draft]")) {
    const typed = textFields(form).filter((input) => input.value !== input.defaultValue);
    if (typed.length === 0) continue;
    const values = typed.map(({ name, value }) => [name, value]);
    try {
      sessionStorage.setItem(form.dataset.draft ?? "", JSON.stringify(values));
    } catch {}
  }
}

function textFields(form: HTMLFormElement | null) {
  return [
    ...(form?.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>(TEXT_FIELDS) ?? []),
  ].filter(({ name }) => name !== "");
}

function takeDraft(key: string): [field: string, value: string][] {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(key) ?? "[]");
    sessionStorage.removeItem(key);
    return Array.isArray(stored) ? stored.filter(isEntry) : [];
  } catch {
    return [];
  }
}

function isEntry(entry: unknown): entry is [string, string] {
  return (
    Array.isArray(entry) && entry.length === 2 && entry.every((one) => typeof one === "string")
  );
}
