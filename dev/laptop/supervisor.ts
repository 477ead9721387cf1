import { describeProcess, isAlive } from "../postgres/process-table";

/**
 * Starts things in order and stops them in reverse, whatever the reason: Ctrl-C, SIGTERM, a closed
 * terminal, the death of npm, or an unexpected exit of one of them.
 */
export class Supervisor {
  private readonly closers: { what: string; close: () => Promise<void> }[] = [];
  private current: Promise<unknown> = Promise.resolve();
  private ending: Promise<never> | undefined;

  constructor() {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, () => void this.end({ exitCode: 0 }));
    }
    // A closed terminal also closes our output; that must not interrupt the clean-up.
    for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
    const launchers = findLaunchers();
    this.every(1000, () => {
      if (!launchers.every(isAlive)) void this.end({ exitCode: 0 });
    });
  }

  get isEnding(): boolean {
    return this.ending !== undefined;
  }

  /** Starts one thing. Once the supervisor is stopping, nothing starts and the promise never settles. */
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

  /** Registers a small action that runs first on stopping. */
  onEnd(act: () => void): void {
    this.closers.unshift({ what: "End", close: async () => act() });
  }

  /** Repeats a check until the supervisor stops. */
  every(intervalMs: number, check: () => void): void {
    const timer = setInterval(() => (this.isEnding ? clearInterval(timer) : check()), intervalMs);
  }

  /** Stops everything, then the process. The first reason wins. */
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
 * The ancestors of this process up to npm. npm does not forward SIGTERM, and a shell may sit in
 * between, so all of them are watched.
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
