import { z } from "zod";
import { db } from "@/db";
import { now } from "@/lib/clock";
import { limitAction } from "@/rate-limit/limit-action";
import type { BirthProblems } from "./birth/fields";
import { parseBirth } from "./birth/input";
import { createReading } from "./create-reading";

export const readingRequestSchema = z.object({
  /** Generated with the form, so that a form submitted twice creates one reading. */
  readingId: z.uuid(),
  /** Parsed by `parseBirth`, which returns one problem per field. */
  birth: z.looseObject({}),
  keepInProfile: z.boolean().default(false),
});

export type SubmittedReading =
  | { status: "stored"; id: string; created: boolean }
  | { status: "invalid"; problems: BirthProblems };

/**
 * Handles a reading submitted by the form: counts the attempt, parses the birth, then
 * calls `createReading`. An invalid birth costs nothing.
 * @throws RateLimited, and the errors of `createReading`
 */
export async function submitReading(
  { userId, headers }: { userId: string; headers: Headers },
  request: z.output<typeof readingRequestSchema>,
): Promise<SubmittedReading> {
  await limitAction(headers, { action: "reading", userId, perUser: 30 });
  const parsed = parseBirth(request.birth);
  if (!parsed.ok) return { status: "invalid", problems: parsed.problems };
  const { readingId, keepInProfile } = request;
  const reading = await createReading(
    db,
    { userId, readingId, birth: parsed.birth, keepInProfile },
    now,
  );
  return { status: "stored", ...reading };
}
