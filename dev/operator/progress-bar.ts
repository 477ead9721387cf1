const COLUMNS = 30;
const REDRAW_EVERY_MS = 200;
const CLEAR_LINE = "\r\u001b[K";

/** Where the bar is drawn: stderr, if it is a terminal. */
export interface Terminal {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

export interface Progress {
  readonly done: number;
  readonly total: number;
}

/** `██████░░░░  60%  600 of 1,000`. `done` may exceed the expected total. */
export function progressBar({ done, total }: Progress): string {
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const filled = Math.floor(share * COLUMNS);
  const bar = "█".repeat(filled) + "░".repeat(COLUMNS - filled);
  const percent = `${Math.floor(share * 100)}%`.padStart(4);
  const figure = (count: number) => count.toLocaleString("en");
  return `${bar} ${percent}  ${figure(done)} of ${figure(Math.max(done, total))}`;
}

/**
 * Runs `work` and shows its progress on a terminal by polling `readProgress`. Draws nothing when the output
 * is not a terminal.
 */
export async function withProgressBar<T>(
  terminal: Terminal,
  readProgress: () => Promise<Progress>,
  work: () => Promise<T>,
): Promise<T> {
  if (!terminal.isTTY) return work();
  let isOver = false;
  const draw = async () => {
    while (!isOver) {
      const progress = await readProgress();
      if (!isOver) terminal.write(CLEAR_LINE + progressBar(progress));
      await new Promise((resolve) => setTimeout(resolve, REDRAW_EVERY_MS));
    }
  };
  // A failure to draw must not fail the work.
  const drawing = draw().catch(() => {});
  try {
    return await work();
  } finally {
    isOver = true;
    await drawing;
    terminal.write(CLEAR_LINE);
  }
}
