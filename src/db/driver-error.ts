/** Returns the driver's error, which Drizzle wraps. Returns any other error unchanged. */
export function driverErrorOf(error: unknown): unknown {
  return error instanceof Error ? (error.cause ?? error) : error;
}
