import { z } from "zod";
import { db } from "@/db";
import { now } from "@/lib/clock";
import { type BirthProblems, parseBirth } from "@/products/bazi/birth/parse-birth";
import { createReading } from "@/products/bazi/create-reading";
import { limitAction } from "@/rate-limit/limit-action";

export const readingRequestSchema = z.object({
  /** Made with the form, so that a form sent twice makes one reading. */
  readingId: z.uuid(),
  birth: z.looseObject({}),
  keepInProfile: z.boolean().default(false),
});

export type MadeReading =
  | { status: "made"; id: string; created: boolean }
  | { status: "invalid"; problems: BirthProblems };

/** What the form's action and the route have in common: the limits, the birth, the reading. */
export async function makeReading(
  { userId, headers }: { userId: string; headers: Headers },
  request: z.output<typeof readingRequestSchema>,
): Promise<MadeReading> {
  await limitAction(headers, { action: "reading", userId, perUser: 30 });
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
