"use server";

import { z } from "zod";
import { userAction } from "@/accounts/safe-action";
import { isCurrentPassword } from "@/accounts/session";
import { PASSWORD_LENGTH } from "@/auth/field-problems";
import { confirmPassword as storeConfirmation } from "@/auth/second-factors";
import { db } from "@/db";
import { InvalidInput } from "@/lib/errors";
import { limitUser } from "@/rate-limit/limit-action";

/** Confirms the password in this session. A wrong one is `invalid_input`. */
export const confirmPassword = userAction
  .inputSchema(z.object({ password: z.string().min(1).max(PASSWORD_LENGTH.max) }))
  .action(async ({ parsedInput: { password }, ctx: { user } }) => {
    await limitUser({ action: "confirm-password", userId: user.id, perUser: 10 });
    if (!(await isCurrentPassword(password))) throw new InvalidInput("The password is wrong.");
    await storeConfirmation(db, user.sessionId);
  });
