"use server";

import { adminAction } from "@/accounts/safe-action";
import { startView, viewInput } from "@/admin/users/view-as";
import { db } from "@/db";
import { now } from "@/lib/clock";

/** Starts the view of a customer's pages with a reason. Its id is the id of the form. */
export const startCustomerView = adminAction
  .inputSchema(viewInput)
  .action(async ({ parsedInput, ctx: { user } }) => {
    await startView(db, { ...parsedInput, actorId: user.id, now: now() });
  });
