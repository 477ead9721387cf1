import { getCurrentUser } from "@/accounts/session";
import { languageInput, updateLanguage } from "@/accounts/update-profile";
import { db } from "@/db";
import { now } from "@/lib/clock";
import { InvalidInput } from "@/lib/errors";
import { limitUser } from "@/rate-limit/limit-action";
import { readText, requireSameOrigin } from "../request";
import { respond } from "../respond";

const MAX_BYTES = 200;
const PER_USER = 60;

/** Saves the language that a signed-in user switches to. Does nothing for a visitor, who has a cookie. */
export async function POST(request: Request): Promise<Response> {
  return respond(async () => {
    requireSameOrigin(request);
    const input = languageInput.safeParse(await readText(request, MAX_BYTES));
    if (!input.success) throw new InvalidInput("The body names no language.");
    const user = await getCurrentUser();
    if (user !== null) {
      await limitUser({ action: "language", userId: user.id, perUser: PER_USER });
      await updateLanguage(db, { userId: user.id, locale: input.data.locale, now: now() });
    }
    return new Response(null, { status: 204 });
  });
}
