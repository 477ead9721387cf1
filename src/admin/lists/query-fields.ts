import { z } from "zod";
import { isPlainText } from "@/lib/plain-text";
import { LIST_ORDERS, parseCursor, parseUuidCursor } from "./keyset";

// People edit, share and bookmark URLs: an invalid query parameter counts as absent, never as an error.

/** Free text to search for; empty means no search. */
export const searchText = z.string().trim().max(200).refine(isPlainText).catch("");

/** A value from a list that only the database knows; "any" in the form means no filter. */
export const choice = searchText.transform((value) => (value === "any" ? "" : value));

export const cursor = z.string().transform(parseCursor).optional().catch(undefined);
const uuidCursor = z.string().transform(parseUuidCursor).optional().catch(undefined);
export const listOrder = z.enum(LIST_ORDERS).catch("newest");

/** The page of a list; see `PageRequest`. */
export const pageFields = { older: cursor, newer: cursor, order: listOrder };
/** The same for a list whose ids are UUIDs. */
export const uuidPageFields = { older: uuidCursor, newer: uuidCursor, order: listOrder };

/** A day in UTC, as a date input sends it. */
export const day = z.iso
  .date()
  // Four-digit years only, also for the day after.
  .refine((value) => value >= "1000" && value < "9999")
  .optional()
  .catch(undefined);

export const instant = z.iso
  .datetime({ offset: true })
  .transform((value) => new Date(value))
  // Years with four digits in every time zone.
  .refine((at) => at.getUTCFullYear() >= 1000 && at.getUTCFullYear() < 9999)
  .optional()
  .catch(undefined);

export const sequenceNumber = z.coerce.number().int().positive().optional().catch(undefined);
