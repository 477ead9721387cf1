"use server";

import { headers } from "next/headers";
import { after } from "next/server";
import { z } from "zod";
import { deleteAccount } from "@/accounts/delete-account";
import { userAction } from "@/app/safe-action";
import { auth } from "@/auth/auth";
import { hasPassword } from "@/auth/sessions";
import { db } from "@/db";
import { drainOutbox } from "@/jobs/drain-outbox";
import { now } from "@/lib/clock";
import { InvalidInput } from "@/lib/errors";
import { countAttempt } from "@/rate-limit/rate-limit";

const LIMIT = { limit: 5, windowSeconds: 900 };

/** Deletes the account of whoever asks, if they can say its password (or, having none, its address). */
export const deleteMyAccount = userAction
  .inputSchema(z.object({ proof: z.string().min(1).max(254) }))
  .action(async ({ parsedInput: { proof }, ctx: { user } }) => {
    const at = now();
    await countAttempt(db, { key: `delete-account:${user.id}`, ...LIMIT, now: at });
    const isProven = (await hasPassword(db, user.id))
      ? await isPassword(proof)
      : proof.trim().toLowerCase() === user.email;
    if (!isProven) throw new InvalidInput("The proof does not fit.", { field: "proof" });
    await deleteAccount(db, { userId: user.id, now: at });
    // Not at the next tick, which may be tomorrow's: a subscription must not renew meanwhile.
    after(drainOutbox);
  });

async function isPassword(password: string): Promise<boolean> {
  try {
    return (await auth.api.verifyPassword({ body: { password }, headers: await headers() })).status;
  } catch {
    return false;
  }
}
