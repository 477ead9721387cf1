type Listener = () => void;

/** On `globalThis` because the server's start and its routes are bundled apart. */
const holder: typeof globalThis & { qiflowLedgerListener?: Listener } = globalThis;

/** Sets the listener that is called after every write. The server sets it once, at its start. */
export function onLedgerWrite(listener: Listener): void {
  holder.qiflowLedgerListener = listener;
}

/**
 * Reports a write, which may have appended signals. Its transaction may still roll back. Does nothing in
 * commands and tests, which have no listener.
 */
export function reportLedgerWrite(): void {
  holder.qiflowLedgerListener?.();
}
