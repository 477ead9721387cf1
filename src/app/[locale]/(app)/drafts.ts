/** The prefix of every draft's key in session storage. The user's id follows. */
export const DRAFT_PREFIX = "qiflow-reading-draft:";

/**
 * Deletes the form drafts of every user of this tab. Call it at sign-out and after an account
 * deletion. Does nothing if the browser blocks storage.
 */
export function deleteDrafts(): void {
  try {
    const drafts = Object.keys(sessionStorage).filter((key) => key.startsWith(DRAFT_PREFIX));
    for (const draft of drafts) sessionStorage.removeItem(draft);
  } catch {}
}
