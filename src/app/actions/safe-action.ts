import { createSafeActionClient } from "next-safe-action";
import { requireAdmin, requireUser } from "@/auth/session";
import { AppError, type ErrorDetails } from "@/lib/errors";
import { logger } from "@/lib/logger";

/** What a failed action tells the page: a key of the `errors` messages and the figures it needs. */
export interface ActionError {
  readonly code: string;
  readonly details: ErrorDetails;
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

function toActionError(error: Error): ActionError {
  if (error instanceof AppError) return { code: error.code, details: error.details };
  logger.error({ err: error }, "An action failed unexpectedly");
  return { code: "unexpected", details: {} };
}
