import type { GenericEndpointContext } from "better-auth";
import { APIError, getSessionFromCtx } from "better-auth/api";
import { now } from "@/lib/clock";

/** Routes that act on the session's account; the others need none, or end it. */
const FOR_SIGNED_IN: ReadonlySet<string> = new Set([
  "/change-password",
  "/send-verification-email",
]);

/** True while a ban is in force. */
export function isBanned(person: Readonly<Record<string, unknown>>, at: Date): boolean {
  const { banned, banExpires } = person;
  if (banned !== true) return false;
  return !(banExpires instanceof Date) || banExpires.getTime() > at.getTime();
}

/** better-auth asks for a ban when a session begins; this asks again when one is used. */
export async function refuseBanned(context: GenericEndpointContext): Promise<void> {
  if (context.path === undefined || !FOR_SIGNED_IN.has(context.path)) return;
  const session = await getSessionFromCtx(context);
  if (session === null || !isBanned(session.user, now())) return;
  throw new APIError("FORBIDDEN", { code: "BANNED_USER", message: "This account is suspended." });
}
