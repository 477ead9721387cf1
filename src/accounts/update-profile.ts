import { eq } from "drizzle-orm";
import { z } from "zod";
import { language, personName, timeZone } from "@/auth/user-fields";
import type { Database } from "@/db/client";
import { lockUndeletedUser } from "@/db/lock-user";
import { user } from "@/db/schema";

/** The fields that users may change in the settings. `locale` is the language of their emails. */
export const profileInput = z.object({ name: personName, locale: language, timeZone });

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
