import { z } from "zod";

const day = z.iso.date();
const instant = z.iso.datetime({ offset: true });

/**
 * The instant that an operator writes: a day, which is its beginning in UTC, or a whole instant with
 * its zone. Anything else is refused, so that nothing depends on the zone of this machine.
 * @throws Error that names the option and shows how it is written
 */
export function parseInstant(option: string, text: string): Date {
  if (day.safeParse(text).success) return new Date(`${text}T00:00:00Z`);
  if (instant.safeParse(text).success) return new Date(text);
  throw new Error(
    `${option} takes a day (2027-01-31, its beginning in UTC) or an instant with its zone ` +
      `(2027-01-31T02:00:00Z), not "${text}".`,
  );
}
