type Listener = (keys: readonly string[]) => void;

/** On `globalThis` because the server's start and its routes are bundled apart. */
const holder: typeof globalThis & { qiflowOutboxListener?: Listener } = globalThis;

/** Sets the listener that is called for every entry that a request adds. Set once, when the server starts. */
export function onEntriesWritten(listener: Listener): void {
  holder.qiflowOutboxListener = listener;
}

/**
 * Reports the idempotency keys of entries that the caller is writing. Its transaction may still roll
 * back. Does nothing in commands and tests, which have no listener. Never throws.
 */
export function reportWrittenEntries(keys: readonly string[]): void {
  if (keys.length > 0) holder.qiflowOutboxListener?.(keys);
}
