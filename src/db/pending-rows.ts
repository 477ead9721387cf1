/** Rows that are on their way; `values()`, called at once, makes arrays of them instead of objects. */
export type PendingRows = Promise<unknown[]> & { values(): Promise<unknown[]> };

/** The shape in which drizzle asks postgres-js for rows. Runs a moment later, when it is known how. */
export function pendingRows(run: (asValues: boolean) => Promise<unknown[]>): PendingRows {
  let asValues = false;
  const rows = Promise.resolve().then(() => run(asValues));
  return Object.assign(rows, {
    values() {
      asValues = true;
      return rows;
    },
  });
}
