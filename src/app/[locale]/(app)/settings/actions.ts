"use server";

import { revalidatePath } from "next/cache";
import { z } from "zod";
import {
  confirmEmailChange,
  emailAddress,
  emailChangeLink,
  requestEmailChange,
} from "@/accounts/change-email";
import { deleteOwnAccount } from "@/accounts/delete-account";
import { userAction } from "@/accounts/safe-action";
import { isCurrentPassword, requestDevice } from "@/accounts/session";
import { profileInput, updateProfile } from "@/accounts/update-profile";
import { removePasskey, renamePasskey } from "@/auth/passkeys/stored-passkeys";
import { signOutDevice, signOutOtherDevices } from "@/auth/sessions";
import { personName } from "@/auth/user-fields";
import { db } from "@/db";
import { env } from "@/env";
import { now } from "@/lib/clock";
import { preferencesChange, savePreferences } from "@/notifications/preferences";
import { freeCreditsPolicy } from "@/rewards/free-credits-policy";

/** Saves name, language and time zone. */
export const saveSettings = userAction
  .inputSchema(profileInput)
  .action(async ({ parsedInput: profile, ctx: { user } }) => {
    await updateProfile(db, { userId: user.id, profile, now: now() });
    revalidatePath("/", "layout");
  });

/**
 * Emails a link to the new address. A wrong password is `invalid_input`. A user without a password must
 * have signed in recently, else it is `proof_required`.
 */
export const changeMyEmail = userAction
  .inputSchema(z.object({ email: emailAddress, password: z.string().max(128) }))
  .action(async ({ parsedInput: { email: newEmail, password }, ctx: { user } }) => {
    await requestEmailChange(db, {
      user,
      newEmail,
      password,
      isCurrentPassword,
      session: user.session,
      appUrl: env.APP_URL,
      secret: env.BETTER_AUTH_SECRET,
      now: now(),
    });
  });

/** Changes the address to the one that the link was sent to. */
export const confirmMyEmail = userAction
  .inputSchema(emailChangeLink)
  .action(async ({ parsedInput: link, ctx: { user } }) => {
    await confirmEmailChange(db, {
      userId: user.id,
      link,
      secret: env.BETTER_AUTH_SECRET,
      policy: freeCreditsPolicy,
      device: await requestDevice(),
      now: now(),
    });
    revalidatePath("/", "layout");
  });

/** Turns optional notices on or off. Leaves the ones that are not named unchanged. */
export const saveNoticePreferences = userAction
  .inputSchema(preferencesChange)
  .action(async ({ parsedInput: change, ctx: { user } }) => {
    await savePreferences(db, { userId: user.id, change, now: now() });
  });

const passkeyId = z.string().min(1).max(100);

/** Renames one of the user's passkeys. */
export const renameMyPasskey = userAction
  .inputSchema(z.object({ passkeyId, name: personName }))
  .action(async ({ parsedInput, ctx: { user } }) => {
    await renamePasskey(db, { ...parsedInput, userId: user.id });
    revalidatePath("/", "layout");
  });

/** Removes one of the user's passkeys. Without a recent proof it is `proof_required`. */
export const removeMyPasskey = userAction
  .inputSchema(z.object({ passkeyId }))
  .action(async ({ parsedInput, ctx: { user } }) => {
    await removePasskey(db, {
      ...parsedInput,
      ...(await requestDevice()),
      userId: user.id,
      session: user.session,
      now: now(),
    });
    revalidatePath("/", "layout");
  });

/** Signs out one of the user's devices. */
export const signOutOne = userAction
  .inputSchema(z.object({ sessionId: z.string().min(1).max(100) }))
  .action(async ({ parsedInput: { sessionId }, ctx: { user } }) => {
    await signOutDevice(db, { userId: user.id, sessionId });
    revalidatePath("/", "layout");
  });

/** Signs out every device except this one. */
export const signOutOthers = userAction.action(async ({ ctx: { user } }) => {
  await signOutOtherDevices(db, { userId: user.id, keepSessionId: user.sessionId });
  revalidatePath("/", "layout");
});

/**
 * Deletes the user's account. The proof is the password, or the email address for an account without
 * a password. A wrong proof is `invalid_input`.
 */
export const deleteMyAccount = userAction
  .inputSchema(z.object({ proof: z.string().min(1).max(254) }))
  .action(async ({ parsedInput: { proof }, ctx: { user } }) => {
    const secret = env.BETTER_AUTH_SECRET;
    await deleteOwnAccount(db, { user, proof, isCurrentPassword, secret, now: now() });
  });
