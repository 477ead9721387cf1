import { eq } from "drizzle-orm";
import { z } from "zod";
import { language, personName, timeZone } from "@/auth/user-fields";
import type { Database } from "@/db/client";
import { lockUndeletedUser } from "@/db/lock-user";
import { user } from "@/db/schema";
import type { Locale } from "@/lib/locales";

/** The fields that users may change in the settings. `locale` is the language of their emails. */
export const profileInput = z.object({ name: personName, locale: language, timeZone });

/** JSON text, as a beacon sends it. */
export const languageInput = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: "custom", message: "not JSON" });
      return z.NEVER;
    }
  })
  .pipe(z.object({ locale: language }));

/** @throws NotFound if the account is deleted */
export async function updateLanguage(
  db: Database,
  { userId, locale, now }: { userId: string; locale: Locale; now: Date },
): Promise<void> {
  await db.transaction(async (tx) => {
    await lockUndeletedUser(tx, userId);
    await tx.update(user).set({ locale, updatedAt: now }).where(eq(user.id, userId));
  });
}

/** @throws NotFound if the account is deleted */
export async function updateProfile(
  db: Database,
  { userId, profile, now }: { userId: string; profile: z.output<typeof profileInput>; now: Date },
): Promise<void> {
  await db.transaction(async (tx) => {
    await lockUndeletedUser(tx, userId);
    await tx
      .update(user)
      .set({ ...profile, updatedAt: now })
      .where(eq(user.id, userId));
  });
}
