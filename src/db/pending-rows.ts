/** Rows of a running statement as objects, or as arrays if `values()` is called at once. */
export type PendingRows = Promise<unknown[]> & { values(): Promise<unknown[]> };

/**
 * The interface that drizzle expects of postgres-js. Starts a microtask later, when the row format
 * is known.
 */
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
