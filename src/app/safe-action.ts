import { getTranslations } from "next-intl/server";
import { createSafeActionClient } from "next-safe-action";
import { requireAdmin, requireUser } from "@/accounts/session";
import { errorSentence } from "@/components/error-sentence";
import { AppError, type ErrorDetails } from "@/lib/errors";
import { logger } from "@/lib/logger";

/** What a failed action tells the page: a key of the `errors` messages and the figures it needs. */
export interface ActionError {
  readonly code: string;
  readonly details: ErrorDetails;
  /** The sentence of the code in the reader's language, for pages that have no messages of their own. */
  readonly text: string;
}

/** For actions that anybody may call. Next itself refuses a call from another origin. */
export const publicAction = createSafeActionClient({
  defaultValidationErrorsShape: "flattened",
  handleServerError: toActionError,
});

/** For the signed-in; `ctx.user` is who calls. */
export const userAction = publicAction.use(async ({ next }) =>
  next({ ctx: { user: await requireUser() } }),
);

/** For admins; `ctx.user` is who calls. */
export const adminAction = publicAction.use(async ({ next }) =>
  next({ ctx: { user: await requireAdmin() } }),
);

async function toActionError(error: Error): Promise<ActionError> {
  const known = error instanceof AppError ? error : { code: "unexpected", details: {} };
  if (known !== error) logger.error({ err: error }, "An action failed unexpectedly");
  const { code, details } = known;
  return { code, details, text: errorSentence(await getTranslations("errors"), { code, details }) };
}
