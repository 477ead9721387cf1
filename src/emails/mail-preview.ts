import { and, desc, eq, inArray } from "drizzle-orm";
import type { Executor } from "@/db/client";
import { outbox } from "@/db/schema";
import { type StoredEmail, storedEmail } from "./email-content";

/** Alerts count because some are sent by email; `toPreview` drops the others. */
const mayBeEmail = inArray(outbox.kind, ["email", "alert"]);

/** An email in the mail preview (`/dev/mail`). */
export interface PreviewedMail {
  readonly id: string;
  readonly status: (typeof outbox.$inferSelect)["status"];
  readonly createdAt: Date;
  readonly userId: string | null;
  readonly email: StoredEmail;
}

/** The newest emails first, pending ones included. */
export async function listPreviewedMails(
  reader: Executor,
  { limit }: { limit: number },
): Promise<PreviewedMail[]> {
  const rows = await reader
    .select()
    .from(outbox)
    .where(mayBeEmail)
    .orderBy(desc(outbox.createdAt), desc(outbox.id))
    .limit(limit);
  return rows.flatMap(toPreview);
}

export async function findPreviewedMail(
  reader: Executor,
  id: string,
): Promise<PreviewedMail | null> {
  const rows = await reader
    .select()
    .from(outbox)
    .where(and(mayBeEmail, eq(outbox.id, id)));
  return rows.flatMap(toPreview)[0] ?? null;
}

/** Empty for an entry that is no email or that was redacted. */
function toPreview(entry: typeof outbox.$inferSelect): PreviewedMail[] {
  const { id, status, createdAt, userId } = entry;
  const email = storedEmail.safeParse(entry.payload);
  return email.success ? [{ id, status, createdAt, userId, email: email.data }] : [];
}
