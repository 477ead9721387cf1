import type { GenericEndpointContext } from "better-auth";
import { generateRandomString, verifyJWT } from "better-auth/crypto";
import { addMinutes } from "date-fns";
import { eq } from "drizzle-orm";
import { z } from "zod";
import type { Database } from "@/db/client";
import { account, user } from "@/db/schema";
import { now } from "@/lib/clock";
import { localeOf, localePath } from "@/lib/locales";
import { RESET_MINUTES } from "./emails";

const verificationToken = z.object({
  email: z.string(),
  userId: z.string(),
  updateTo: z.never().optional(),
});

/**
 * After the link of a verification email was opened: redirects to the page that sets a password if the
 * account has no way to sign in, because `verifyAddress` removed the earlier ones. The link proves the
 * mailbox as the link of a password reset does. It works until a password is set, so that a mail scanner
 * that opens it first does no harm.
 */
export async function offerNewPassword(
  { db, secret }: { db: Database; secret: string },
  context: GenericEndpointContext,
): Promise<void> {
  const token = verificationToken.safeParse(await verifyJWT(context.query?.token ?? "", secret));
  if (!token.success) return;
  const { userId, email } = token.data;
  const [owner] = await db.select().from(user).where(eq(user.id, userId));
  const isProven = owner?.email === email && owner.emailVerified && owner.deletedAt === null;
  if (!isProven || (await canSignIn(db, userId))) return;
  const resetToken = generateRandomString(24);
  await context.context.internalAdapter.createVerificationValue({
    identifier: `reset-password:${resetToken}`,
    value: userId,
    expiresAt: addMinutes(now(), RESET_MINUTES),
  });
  const path = `/reset-password?token=${resetToken}&verified=1`;
  throw context.redirect(localePath(localeOf(owner.locale), path));
}

async function canSignIn(db: Database, userId: string): Promise<boolean> {
  const rows = await db.select({ id: account.id }).from(account).where(eq(account.userId, userId));
  return rows.length > 0;
}
