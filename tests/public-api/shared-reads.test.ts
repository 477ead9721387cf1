import { describe, expect, it } from "vitest";
import { SharedReads } from "@/public-api/shared-reads";

/** Reads of a table that changes, whose queries wait until the test ends them. */
function createReads() {
  const table = new Map<string, number>();
  const queries: string[][] = [];
  const ends: ((error?: Error) => void)[] = [];
  const reads = new SharedReads<number>((keys) => {
    queries.push([...keys]);
    const rows = new Map(table);
    return new Promise((resolve, reject) => {
      ends.push((error) => (error === undefined ? resolve(rows) : reject(error)));
    });
  });
  return { table, queries, ends, reads };
}

const turn = () => new Promise(setImmediate);

describe("SharedReads", () => {
  it("sends the reads that arrive together in one query", async () => {
    const { table, queries, ends, reads } = createReads();
    table.set("a", 1).set("b", 2);
    const both = ["a", "b"].map((key) => reads.read(key));
    await turn();
    expect(queries).toEqual([["a", "b"]]);
    ends[0]?.();
    expect(await Promise.all(both)).toEqual([1, 2]);
  });

  it("sends the reads that arrive during a query together in the next one, each key once", async () => {
    const { table, queries, ends, reads } = createReads();
    table.set("a", 1).set("b", 2);
    const first = reads.read("a");
    await turn();
    const next = ["b", "a", "b", "c"].map((key) => reads.read(key));
    expect(queries).toEqual([["a"]]);
    ends[0]?.();
    expect(await first).toBe(1);
    await turn();
    expect(queries).toEqual([["a"], ["b", "a", "c"]]);
    ends[1]?.();
    expect(await Promise.all(next)).toEqual([2, 1, 2, null]);
  });

  it("returns what was committed before the read, not what a query under way has seen", async () => {
    const { table, ends, reads } = createReads();
    table.set("a", 1);
    const before = reads.read("a");
    await turn();
    table.set("a", 2);
    const after = reads.read("a");
    ends[0]?.();
    expect(await before).toBe(1);
    await turn();
    ends[1]?.();
    expect(await after).toBe(2);
  });

  it("fails only the reads of the query that fails", async () => {
    const { table, ends, reads } = createReads();
    table.set("a", 1);
    const failing = reads.read("a");
    await turn();
    const next = reads.read("a");
    ends[0]?.(new Error("lost the connection"));
    await expect(failing).rejects.toThrow("lost the connection");
    await turn();
    ends[1]?.();
    expect(await next).toBe(1);
  });
});
