"use server";

import { headers } from "next/headers";
import { getLocale } from "next-intl/server";
import { z } from "zod";
import { userAction } from "@/accounts/safe-action";
import { db } from "@/db";
import { now } from "@/lib/clock";
import { NotFound } from "@/lib/errors";
import { isVisible } from "@/lib/plain-text";
import { limitUser } from "@/rate-limit/limit-action";
import { describeCity } from "./gazetteer/describe-city";
import { QUERY_MAX_LENGTH, searchCities } from "./gazetteer/search-cities";
import { saveProfile } from "./profile";
import { deleteReading, shareReading, stopSharingReading } from "./readings";
import { readingRequestSchema, submitReading } from "./submit-reading";

/** Creates a reading and charges for it. Fails with `insufficient_credits` if the balance is too low. */
export const createReadingAction = userAction
  .inputSchema(readingRequestSchema)
  .action(async ({ parsedInput, ctx }) =>
    submitReading({ userId: ctx.user.id, headers: await headers() }, parsedInput),
  );

/** Searches the cities of the world, for the birthplace. Fails with `rate_limited` after many searches. */
export const searchPlacesAction = userAction
  .inputSchema(z.object({ query: z.string().max(QUERY_MAX_LENGTH).refine(isVisible) }))
  .action(async ({ parsedInput: { query }, ctx }) => {
    await limitUser({ action: "places", userId: ctx.user.id, perUser: 600 });
    const locale = await getLocale();
    return searchCities(query).map((city) => describeCity(city, locale));
  });

/** Deletes one of the user's own readings. Its charge stays in the ledger. */
export const deleteReadingAction = userAction
  .inputSchema(z.object({ id: z.uuid() }))
  .action(async ({ parsedInput: { id }, ctx }) => {
    await deleteReading(db, { userId: ctx.user.id, id });
  });

/** Creates the private link of one of the user's own readings and returns its token. */
export const shareReadingAction = userAction
  .inputSchema(z.object({ id: z.uuid() }))
  .action(async ({ parsedInput: { id }, ctx }) => {
    const token = await shareReading(db, { userId: ctx.user.id, id });
    if (token === null) throw new NotFound("reading");
    return { token };
  });

/** Revokes the private link of one of the user's own readings. */
export const stopSharingReadingAction = userAction
  .inputSchema(z.object({ id: z.uuid() }))
  .action(async ({ parsedInput: { id }, ctx }) => {
    await stopSharingReading(db, { userId: ctx.user.id, id });
  });

/** Deletes the birth that the user saved to prefill the form. */
export const deleteSavedBirthAction = userAction.action(async ({ ctx }) => {
  await saveProfile(db, { userId: ctx.user.id, birth: null, now: now() });
});
