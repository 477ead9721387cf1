const REACHABLE = "input:not([type=hidden]), select, textarea, button, [tabindex='0']";

/** Focuses the first invalid control of a form. In an invalid group, focuses its first control. */
export function focusFirstInvalid(form: HTMLElement | null): void {
  const invalid = form?.querySelector<HTMLElement>("[aria-invalid='true']");
  if (!invalid) return;
  const target = invalid.matches(REACHABLE)
    ? invalid
    : (invalid.querySelector<HTMLElement>("[role=radio][tabindex='0']") ??
      invalid.querySelector<HTMLElement>(REACHABLE));
  target?.focus();
}
