import { AppError } from "@/lib/errors";
import { logger } from "@/lib/logger";

/**
 * Runs a route's handler and maps its errors: an `AppError` to its status and details, any other
 * error to a 500, which is logged here.
 */
export async function respond(handler: () => Promise<Response>): Promise<Response> {
  try {
    return await handler();
  } catch (error) {
    if (error instanceof AppError) {
      const retryAfter = error.details.retryAfterSeconds;
      return Response.json(
        { error: { code: error.code, message: error.message, details: error.details } },
        {
          status: error.status,
          headers: retryAfter === undefined ? {} : { "Retry-After": String(retryAfter) },
        },
      );
    }
    logger.error({ err: error }, "route failed");
    return Response.json(
      { error: { code: "unexpected", message: "Something went wrong on our side.", details: {} } },
      { status: 500 },
    );
  }
}
