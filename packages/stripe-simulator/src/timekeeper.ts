import type { Distance } from "./clock";
import { later } from "./clock";
import { StripeFault } from "./http/fault";
import { runUntil } from "./rules/run-until";
import type { Simulation } from "./simulation";

const TICK_MS = 15_000;

/** Moves simulated time: on demand in steps, and continuously with real time. */
export class Timekeeper {
  private line: Promise<void> = Promise.resolve();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly sim: Simulation,
    private readonly onMoved: (offsetMs: number) => Promise<void>,
  ) {
    this.timer = setInterval(() => void this.catchUp().catch(report), TICK_MS).unref();
  }

  /** Advances the clock and runs everything that falls due on the way. Advances are serialized. */
  advance(distance: Distance): Promise<void> {
    return this.queue(() => later(this.sim.clock.nowMs(), distance));
  }

  /** Runs what has fallen due as real time passed. */
  private catchUp(): Promise<void> {
    return this.queue(() => this.sim.clock.nowMs());
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.line;
  }

  /** The offset is absolute, so an app that missed one update is correct after the next. */
  private async notifyApp(): Promise<void> {
    try {
      await this.onMoved(this.sim.clock.offsetMs);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new StripeFault({ status: 502, message: `The app did not move its clock: ${reason}` });
    }
  }

  private queue(until: () => number): Promise<void> {
    const turn = this.line.then(() => runUntil(this.sim, until(), () => this.notifyApp()));
    this.line = turn.catch(() => undefined);
    return turn;
  }
}

function report(error: unknown): void {
  console.error("stripe simulator: could not catch up with the clock:", error);
}
