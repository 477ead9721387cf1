import { AppError } from "@/lib/errors";
import { logger } from "@/lib/logger";

/**
 * Runs a route's work and answers its errors: an `AppError` with its own status and facts, anything
 * else as 500, logged here, once.
 */
export async function respond(work: () => Promise<Response>): Promise<Response> {
  try {
    return await work();
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
    logger.error({ err: error }, "a route failed");
    return Response.json(
      { error: { code: "unexpected", message: "Something went wrong on our side.", details: {} } },
      { status: 500 },
    );
  }
}
