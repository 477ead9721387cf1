import { eq } from "drizzle-orm";
import type { Executor } from "@/db/client";
import { baziProfile } from "@/db/schema";
import type { BirthInput } from "./birth/input";

/** Keeps a birth to fill the form with next time, or (null) forgets the one that was kept. */
export async function saveProfile(
  db: Executor,
  profile: { userId: string; birth: BirthInput | null; now: Date },
): Promise<void> {
  const { userId, birth, now } = profile;
  await db.update(baziProfile).set({ birth, updatedAt: now }).where(eq(baziProfile.userId, userId));
}
