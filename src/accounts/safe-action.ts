import { getTranslations } from "next-intl/server";
import { createSafeActionClient } from "next-safe-action";
import { z } from "zod";
import { requireActiveUser, requireAdmin, requireRenderedFor } from "@/accounts/session";
import { errorSentence } from "@/components/error-sentence";
import { AppError, type ErrorDetails, InvalidText } from "@/lib/errors";
import { logger } from "@/lib/logger";
import { holdsPlainText } from "@/lib/plain-text";

/** What a failed action returns: a key of the `errors` messages and its figures. */
export interface ActionError {
  readonly code: string;
  readonly details: ErrorDetails;
  /** The sentence for the code in the reader's language. */
  readonly text: string;
}

/**
 * For actions without sign-in. Next.js rejects calls from another origin. Every text of the input is
 * plain; each schema adds what its fields need.
 */
export const publicAction = createSafeActionClient({
  defaultValidationErrorsShape: "flattened",
  handleServerError: toActionError,
}).use(async ({ next, clientInput }) => {
  if (!holdsPlainText(clientInput)) throw new InvalidText();
  return next();
});

/** The first argument of every signed-in action: whom the page was rendered for, null for a guest. */
const renderedForArgument = [z.string().nullable()] as const;

/**
 * For signed-in users: `action(renderedFor, input)`. `ctx.user` is the caller. Fails with
 * `signed_in_as_another` if the page was rendered for someone else.
 */
export const userAction = publicAction
  .bindArgsSchemas(renderedForArgument)
  .use(async ({ next, bindArgsClientInputs: [renderedFor] }) => {
    const user = await requireActiveUser();
    requireRenderedFor(user, renderedFor);
    return next({ ctx: { user } });
  });

/** For admins, otherwise like `userAction`. */
export const adminAction = userAction.use(async ({ next }) =>
  next({ ctx: { user: await requireAdmin() } }),
);

/**
 * For admin actions that change money or access. Fails with `proof_required` if the session has not
 * confirmed a second factor in the last 15 minutes; `useServerAction` then asks for it and repeats
 * the action.
 */
export const sensitiveAdminAction = userAction.use(async ({ next }) =>
  next({ ctx: { user: await requireAdmin({ sensitive: true }) } }),
);

async function toActionError(error: Error): Promise<ActionError> {
  const known = error instanceof AppError ? error : { code: "unexpected", details: {} };
  if (known !== error) logger.error({ err: error }, "action failed");
  const { code, details } = known;
  return { code, details, text: errorSentence(await getTranslations("errors"), { code, details }) };
}
