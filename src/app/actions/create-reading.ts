"use server";

import { headers } from "next/headers";
import { userAction } from "@/app/safe-action";
import { makeReading, readingRequestSchema } from "@/products/bazi/make-reading";

/** Makes a reading for the signed-in and charges for it; too few credits is `insufficient_credits`. */
export const createReadingAction = userAction
  .inputSchema(readingRequestSchema)
  .action(async ({ parsedInput, ctx }) =>
    makeReading({ userId: ctx.user.id, headers: await headers() }, parsedInput),
  );
