import { and, desc, eq, inArray } from "drizzle-orm";
import type { Executor } from "@/db/client";
import { outbox } from "@/db/schema";
import { type StoredEmail, storedEmail } from "./email-content";

/** Letters to people and, of alerts, those that go by mail: of the others no mail can be made. */
const isMail = inArray(outbox.kind, ["email", "alert"]);

/** A mail in the development post box. */
export interface PreviewedMail {
  readonly id: string;
  readonly status: (typeof outbox.$inferSelect)["status"];
  readonly createdAt: Date;
  readonly userId: string | null;
  readonly email: StoredEmail;
}

/** The newest mails, those still waiting included. */
export async function listPreviewedMails(
  reader: Executor,
  { limit }: { limit: number },
): Promise<PreviewedMail[]> {
  const rows = await reader
    .select()
    .from(outbox)
    .where(isMail)
    .orderBy(desc(outbox.createdAt), desc(outbox.id))
    .limit(limit);
  return rows.flatMap(toMail);
}

/** One mail, or null. */
export async function findPreviewedMail(
  reader: Executor,
  id: string,
): Promise<PreviewedMail | null> {
  const rows = await reader
    .select()
    .from(outbox)
    .where(and(isMail, eq(outbox.id, id)));
  return rows.flatMap(toMail)[0] ?? null;
}

/** Nothing for a row of which no mail can be made any more. */
function toMail({
  id,
  status,
  createdAt,
  userId,
  payload,
}: typeof outbox.$inferSelect): PreviewedMail[] {
  const email = storedEmail.safeParse(payload);
  return email.success ? [{ id, status, createdAt, userId, email: email.data }] : [];
}
