import { inArray } from "drizzle-orm";
import type { Executor } from "@/db/client";
import { user } from "@/db/schema";

/** Email addresses by user id, for lists that hold only ids. Unknown ids are missing from the map. */
export async function readEmails(
  reader: Executor,
  userIds: readonly (string | null)[],
): Promise<ReadonlyMap<string, string>> {
  const wanted = [...new Set(userIds.filter((id) => id !== null))];
  if (wanted.length === 0) return new Map();
  const rows = await reader
    .select({ id: user.id, email: user.email })
    .from(user)
    .where(inArray(user.id, wanted));
  return new Map(rows.map(({ id, email }) => [id, email]));
}
