import { FORM_DRAFT_PREFIX } from "@/components/form-draft";

/** The prefix of the reading form's key in session storage. The user's id follows. */
export const DRAFT_PREFIX = "qiflow-reading-draft:";

/**
 * Deletes the form drafts of every user of this tab. Call it at sign-out and after an account
 * deletion. Does nothing if the browser blocks storage.
 */
export function deleteDrafts(): void {
  try {
    const drafts = Object.keys(sessionStorage).filter((key) =>
      [DRAFT_PREFIX, FORM_DRAFT_PREFIX].some((prefix) => key.startsWith(prefix)),
    );
    for (const draft of drafts) sessionStorage.removeItem(draft);
  } catch {}
}
