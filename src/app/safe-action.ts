import { getTranslations } from "next-intl/server";
import { createSafeActionClient } from "next-safe-action";
import { requireAdmin, requireUser } from "@/accounts/session";
import { errorSentence } from "@/components/error-sentence";
import { AppError, type ErrorDetails } from "@/lib/errors";
import { logger } from "@/lib/logger";

/** What a failed action returns: a key of the `errors` messages and its figures. */
export interface ActionError {
  readonly code: string;
  readonly details: ErrorDetails;
  /** The sentence for the code in the reader's language. */
  readonly text: string;
}

/** For actions without sign-in. Next.js rejects calls from another origin. */
export const publicAction = createSafeActionClient({
  defaultValidationErrorsShape: "flattened",
  handleServerError: toActionError,
});

/** For signed-in users. `ctx.user` is the caller. */
export const userAction = publicAction.use(async ({ next }) =>
  next({ ctx: { user: await requireUser() } }),
);

/** For admins. `ctx.user` is the caller. */
export const adminAction = publicAction.use(async ({ next }) =>
  next({ ctx: { user: await requireAdmin() } }),
);

async function toActionError(error: Error): Promise<ActionError> {
  const known = error instanceof AppError ? error : { code: "unexpected", details: {} };
  if (known !== error) logger.error({ err: error }, "action failed");
  const { code, details } = known;
  return { code, details, text: errorSentence(await getTranslations("errors"), { code, details }) };
}
