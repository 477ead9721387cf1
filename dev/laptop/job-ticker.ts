const INTERVAL_MS = 10_000;
const LIMIT_MS = 120_000;

/**
 * Calls the tick every ten seconds, as cron does in production, one call at a time. Logs a failure once,
 * and the recovery once.
 * @returns a function that stops it
 */
export function startJobTicker(options: { port: number; cronSecret: string }): () => void {
  const stop = new AbortController();
  let timer: NodeJS.Timeout;
  let failing = false;
  const tick = async () => {
    const failure = await callTick({ ...options, stop: stop.signal });
    if (stop.signal.aborted) return;
    if (failure !== null && !failing) console.warn(`The tick fails: ${failure}`);
    if (failure === null && failing) console.warn("The tick works again.");
    failing = failure !== null;
    timer = setTimeout(() => void tick(), INTERVAL_MS);
  };
  timer = setTimeout(() => void tick(), INTERVAL_MS);
  return () => {
    stop.abort();
    clearTimeout(timer);
  };
}

async function callTick(options: {
  port: number;
  cronSecret: string;
  stop: AbortSignal;
}): Promise<string | null> {
  try {
    const response = await fetch(`http://localhost:${options.port}/api/jobs/tick`, {
      headers: { authorization: `Bearer ${options.cronSecret}` },
      signal: AbortSignal.any([options.stop, AbortSignal.timeout(LIMIT_MS)]),
    });
    await response.arrayBuffer();
    return response.ok ? null : `it returns ${response.status}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
