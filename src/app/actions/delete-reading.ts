"use server";

import { z } from "zod";
import { userAction } from "@/app/safe-action";
import { db } from "@/db";
import { deleteReading } from "@/products/bazi/delete-reading";

/** Deletes one of the signed-in person's own readings; its charge stays. */
export const deleteReadingAction = userAction
  .inputSchema(z.object({ id: z.uuid() }))
  .action(async ({ parsedInput: { id }, ctx }) => {
    await deleteReading(db, { userId: ctx.user.id, id });
  });
