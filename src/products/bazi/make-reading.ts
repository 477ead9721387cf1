import { z } from "zod";
import { db } from "@/db";
import { now } from "@/lib/clock";
import { type BirthProblems, parseBirth } from "@/products/bazi/birth/parse-birth";
import { createReading } from "@/products/bazi/create-reading";
import { countByAddress } from "@/rate-limit/count-by-address";
import { countAttempt } from "@/rate-limit/rate-limit";

export const readingRequestSchema = z.object({
  /** Made with the form, so that a form sent twice makes one reading. */
  readingId: z.uuid(),
  birth: z.looseObject({}),
  keepInProfile: z.boolean().default(false),
});

export type MadeReading =
  | { status: "made"; id: string; created: boolean }
  | { status: "invalid"; problems: BirthProblems };

const BY_USER = { limit: 30, windowSeconds: 600 };
/** A school or an office has one address. */
const BY_ADDRESS = { limit: 300, windowSeconds: 600 };

/** What the form's action and the route have in common: the limits, the birth, the reading. */
export async function makeReading(
  { userId, headers }: { userId: string; headers: Headers },
  request: z.output<typeof readingRequestSchema>,
): Promise<MadeReading> {
  await countByAddress(headers, { what: "reading", ...BY_ADDRESS });
  await countAttempt(db, { key: `reading:${userId}`, ...BY_USER, now: now() });
  const parsed = parseBirth(request.birth);
  if (!parsed.ok) return { status: "invalid", problems: parsed.problems };
  const { readingId, keepInProfile } = request;
  const reading = await createReading(
    db,
    { userId, readingId, birth: parsed.birth, keepInProfile },
    now,
  );
  return { status: "made", ...reading };
}
