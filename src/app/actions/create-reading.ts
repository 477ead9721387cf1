"use server";

import { makeReading, readingRequestSchema } from "@/app/api/bazi/make-reading";
import { userAction } from "./safe-action";

/** Makes a reading for the signed-in and charges for it; too few credits is `insufficient_credits`. */
export const createReadingAction = userAction
  .inputSchema(readingRequestSchema)
  .action(async ({ parsedInput, ctx }) => makeReading(ctx.user.id, parsedInput));
