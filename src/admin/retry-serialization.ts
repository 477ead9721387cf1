const ATTEMPTS = 10;

/**
 * Does a repeatable-read transaction anew when another one was faster (Postgres' 40001), a few
 * times; nothing of the failed attempt remains. Any other error passes through at once.
 */
export async function retrySerialization<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === ATTEMPTS || !isSerializationFailure(error)) throw error;
    }
  }
}

/** The driver's error sits in `cause` where Drizzle wrapped it. */
function isSerializationFailure(error: unknown): boolean {
  const thrown = error instanceof Error ? (error.cause ?? error) : error;
  return thrown instanceof Error && "code" in thrown && thrown.code === "40001";
}
