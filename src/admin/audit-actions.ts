/** Everything that admins do and that is written down. */
export const AUDIT_ACTIONS = [
  "credits.adjust",
  "account.unfreeze",
  "user.ban",
  "user.unban",
  "event.replay",
  "event.replay-dead",
  "event.close",
  "distribution.start",
  "distribution.retry",
  "books.reconcile",
  "session.end",
  "outbox.resend",
  "outbox.close",
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];
