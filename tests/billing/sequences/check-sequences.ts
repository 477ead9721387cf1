import fc from "fast-check";
import { describeHistory, historiesOf } from "./generate-history";
import { runHistory } from "./run-history";

const isSoak = process.env.QIFLOW_SOAK === "1";
/** Checks only the history of this seed. */
const onlySeed = process.env.SEQUENCES_SEED;
const count = process.env.QIFLOW_FULL === "1" ? 500 : 50;
/** The number of test files that share the work. */
const PARTS = 2;

/**
 * Checks every second history: 50 of them by default, 500 in the full check, and until stopped in a
 * soak. Shrinks a failing history and throws its seed and its steps.
 */
export async function checkSequences(part: 0 | 1): Promise<void> {
  if (onlySeed !== undefined) {
    if (part === 0) await checkHistory(Number(onlySeed));
    return;
  }
  const first = part + (isSoak ? Date.now() % 2 ** 30 : 1);
  for (let seed = first; isSoak || seed <= count; seed += PARTS) {
    if (isSoak) console.log(`seed ${seed}`);
    await checkHistory(seed);
  }
}

async function checkHistory(seed: number): Promise<void> {
  const property = fc.asyncProperty(historiesOf(seed), runHistory);
  const checked = await fc.check(property, { seed, numRuns: 1 });
  if (!checked.failed) return;
  const [history] = checked.counterexample ?? [];
  const { errorInstance: error } = checked;
  throw new Error(
    [
      error instanceof Error ? error.message : String(error),
      history === undefined ? "" : describeHistory(history),
      `Repeat it with SEQUENCES_SEED=${seed} npx vitest run tests/billing/sequences`,
    ].join("\n\n"),
    { cause: error },
  );
}
