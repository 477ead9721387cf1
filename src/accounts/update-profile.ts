import { eq } from "drizzle-orm";
import type { z } from "zod";
import type { profileInput } from "@/auth/input";
import type { Database } from "@/db/client";
import { user } from "@/db/schema";

/** Changes what a person may change about themselves: name, language of the e-mails, time zone. */
export async function updateProfile(
  db: Database,
  { userId, profile, now }: { userId: string; profile: z.output<typeof profileInput>; now: Date },
): Promise<void> {
  await db
    .update(user)
    .set({ ...profile, updatedAt: now })
    .where(eq(user.id, userId));
}
