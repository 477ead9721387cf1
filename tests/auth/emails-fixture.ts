import { and, desc, eq } from "drizzle-orm";
import type { Database } from "@/db/client";
import { outbox } from "@/db/schema";
import { type EmailTemplate, type StoredEmail, storedEmail } from "@/emails/email-content";
import { findUser } from "./auth-fixture";

/** Returns the emails queued for a user, newest first. */
export async function emailsOf(db: Database, userId: string): Promise<StoredEmail[]> {
  const rows = await db
    .select()
    .from(outbox)
    .where(and(eq(outbox.kind, "email"), eq(outbox.userId, userId)))
    .orderBy(desc(outbox.createdAt));
  return rows.map(({ payload }) => storedEmail.parse(payload));
}

/** Returns the link of the newest email of a template. */
export async function linkIn(
  db: Database,
  { userId, template }: { userId: string; template: EmailTemplate },
): Promise<URL> {
  const email = (await emailsOf(db, userId)).find((one) => one.template === template);
  if (email === undefined || !("url" in email.props)) throw new Error(`No ${template}.`);
  return new URL(email.props.url);
}

export async function resetTokenOf(db: Database, email: string): Promise<string> {
  const { id: userId } = await findUser(db, email);
  const link = await linkIn(db, { userId, template: "reset-password" });
  return link.searchParams.get("token") ?? "";
}
