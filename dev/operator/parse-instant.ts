import { z } from "zod";

const day = z.iso.date();
const instant = z.iso.datetime({ offset: true });

/**
 * Parses an operator's instant: a day, meaning its start in UTC, or a full instant with a time zone.
 * Rejects everything else, so that nothing depends on this machine's time zone.
 * @throws Error naming the option and the accepted formats
 */
export function parseInstant(option: string, text: string): Date {
  if (day.safeParse(text).success) return new Date(`${text}T00:00:00Z`);
  if (instant.safeParse(text).success) return new Date(text);
  throw new Error(
    `${option} takes a day (2027-01-31, from its start in UTC) or an instant with a time zone ` +
      `(2027-01-31T02:00:00Z), not "${text}".`,
  );
}
