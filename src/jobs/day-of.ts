/** An instant's day in UTC, `2026-03-01`: what is told once a day has it in its key. */
export function dayOf(at: Date): string {
  return at.toISOString().slice(0, 10);
}
