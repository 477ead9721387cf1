/**
 * Drafts of forms in session storage have keys that start like this. The user's id follows. `form` is
 * reserved for the site's own forms.
 */
export function draftPrefix(form: string): string {
  return `qiflow-${form}-draft:`;
}

/** Whether a form of the product holds something that this user has typed in this tab. */
export function hasProductDraft(userId: string): boolean {
  try {
    return Object.keys(sessionStorage).some(
      (key) => /^qiflow-(?!form-)[\w-]+-draft:/.test(key) && key.endsWith(`:${userId}`),
    );
  } catch {
    return false;
  }
}

/**
 * Deletes the form drafts of every user of this tab. Call it at sign-out and after an account
 * deletion. Does nothing if the browser blocks storage.
 */
export function deleteDrafts(): void {
  try {
    const drafts = Object.keys(sessionStorage).filter((key) => /^qiflow-[\w-]+-draft:/.test(key));
    for (const draft of drafts) sessionStorage.removeItem(draft);
  } catch {}
}
