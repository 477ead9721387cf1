import { describeProcess, isAlive } from "../postgres/process-table";

/**
 * Starts things one after the other and ends them in reverse, whatever the reason: Ctrl-C, SIGTERM,
 * a closed terminal, npm's death, or one of the things dying by itself.
 */
export class Supervisor {
  private readonly closers: { what: string; close: () => Promise<void> }[] = [];
  private current: Promise<unknown> = Promise.resolve();
  private ending: Promise<never> | undefined;

  constructor() {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, () => void this.end({ exitCode: 0 }));
    }
    // A closed terminal takes our output with it; that must not cut the clean-up short.
    for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
    const launchers = findLaunchers();
    this.every(1000, () => {
      if (!launchers.every(isAlive)) void this.end({ exitCode: 0 });
    });
  }

  get isEnding(): boolean {
    return this.ending !== undefined;
  }

  /** Starts one thing. Once we are ending nothing more is started: the promise stays open. */
  async start<T>(
    what: string,
    start: () => Promise<T>,
    close: (started: T) => Promise<void>,
  ): Promise<T> {
    if (this.ending !== undefined) return this.ending;
    const started = start().then((thing) => {
      this.closers.unshift({ what, close: () => close(thing) });
      return thing;
    });
    this.current = started.catch(() => undefined);
    return started;
  }

  /** Does something small first of all when we end. */
  onEnd(act: () => void): void {
    this.closers.unshift({ what: "End", close: async () => act() });
  }

  /** Repeats a check until we end. */
  every(intervalMs: number, check: () => void): void {
    const timer = setInterval(() => (this.isEnding ? clearInterval(timer) : check()), intervalMs);
  }

  /** Ends everything that was started, then the process. The first reason counts. */
  end(options: { exitCode: number; message?: string }): Promise<never> {
    this.ending ??= this.closeAll(options);
    return this.ending;
  }

  private async closeAll(options: { exitCode: number; message?: string }): Promise<never> {
    if (options.message !== undefined) console.error(`\n${options.message}`);
    let exitCode = options.exitCode;
    await this.current;
    for (const { what, close } of this.closers) {
      await close().catch((error: unknown) => {
        console.error(`${what}: ${error instanceof Error ? error.message : String(error)}`);
        exitCode = 1;
      });
    }
    process.exit(exitCode);
  }
}

/**
 * Our ancestors up to npm. npm does not pass SIGTERM on, and a shell may stand between it and us,
 * so each of them is watched; whatever started npm is none of our business.
 */
function findLaunchers(): number[] {
  const launchers = [process.ppid];
  if (process.env.npm_lifecycle_event === undefined) return launchers;
  for (let pid = process.ppid; launchers.length < 5; ) {
    const entry = describeProcess(pid);
    if (entry === null || /\b(npm|pnpm|yarn|bun)\b/.test(entry.commandLine)) return launchers;
    pid = entry.parentPid;
    launchers.push(pid);
  }
  return launchers;
}
