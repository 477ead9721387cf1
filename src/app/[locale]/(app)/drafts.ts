/** Every form's draft that this tab keeps begins with it, followed by whose it is. */
export const DRAFT_PREFIX = "qiflow-reading-draft:";

/**
 * Forgets what was typed in this tab and not sent, whoever typed it: at sign-out and after an
 * account was deleted, nothing of the person stays. Best effort: a browser may refuse storage.
 */
export function forgetDrafts(): void {
  try {
    const drafts = Object.keys(sessionStorage).filter((key) => key.startsWith(DRAFT_PREFIX));
    for (const draft of drafts) sessionStorage.removeItem(draft);
  } catch {}
}
