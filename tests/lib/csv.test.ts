import { describe, expect, it, vi } from "vitest";
import { csvLine, csvResponse } from "@/lib/csv";
import { logger } from "@/lib/logger";

describe("a line of CSV", () => {
  it.each([
    ["a plain text as it is", "plain", "plain"],
    ["a comma in quotes", "a,b", '"a,b"'],
    ["a quote doubled", 'say "hi"', '"say ""hi"""'],
    ["line breaks in quotes", "a\r\nb", '"a\r\nb"'],
    ["nothing for null", null, ""],
    ["a negative number as a number", -12, "-12"],
    ["an instant in UTC", new Date("2026-03-01T10:00:00+02:00"), "2026-03-01T08:00:00.000Z"],
    ["Chinese as it is", "李清照", "李清照"],
  ])("writes %s", (_, cell, written) => {
    expect(csvLine([cell])).toBe(`${written}\r\n`);
  });

  it.each(["=1+1", "+1", "-1", "@SUM(A1)", "  =1", "＝1", "＋1", "－1", "＠x"])(
    "keeps a spreadsheet from running %s",
    (cell) => {
      expect(csvLine([cell])).toBe(`'${cell}\r\n`);
    },
  );

  it("disarms and quotes a formula that holds commas, and texts that begin with a tab", () => {
    expect(csvLine(['=HYPERLINK("x","y")'])).toBe('"\'=HYPERLINK(""x"",""y"")"\r\n');
    expect(csvLine(["\t=1"])).toBe('"\'\t=1"\r\n');
  });
});

describe("a CSV download", () => {
  const download = (pages: AsyncIterable<readonly (readonly (string | number)[])[]>) =>
    csvResponse({ filename: "x.csv", header: ["name", "credits"], pages });

  it("begins with a byte order mark and the header, and sends all pages", async () => {
    async function* pages() {
      yield [["a", 1]];
      yield [];
      yield [["b", 2]];
    }
    const response = download(pages());
    expect(response.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect(response.headers.get("content-disposition")).toBe('attachment; filename="x.csv"');
    const bytes = new Uint8Array(await response.arrayBuffer());
    expect([...bytes.slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    expect(new TextDecoder().decode(bytes)).toBe("name,credits\r\na,1\r\nb,2\r\n");
  });

  it("breaks off where a page fails, and tells the log, as the status has gone out", async () => {
    const logged = vi.spyOn(logger, "error").mockReturnValue(undefined);
    async function* pages() {
      yield [["a", 1]];
      throw new Error("the database is away");
    }
    await expect(download(pages()).text()).rejects.toThrow("the database is away");
    expect(logged).toHaveBeenCalledWith(
      { err: expect.objectContaining({ message: "the database is away" }), file: "x.csv" },
      "a download broke off",
    );
    logged.mockRestore();
  });

  it("reads no further than it is read from", async () => {
    let read = 0;
    async function* endless() {
      for (;;) yield [["row", ++read]];
    }
    const body = download(endless()).body;
    const reader = body?.getReader();
    for (let chunk = 0; chunk < 3; chunk++) await reader?.read();
    expect(read).toBeLessThan(6);
    await reader?.cancel();
  });

  it("breaks off when a page fails", async () => {
    async function* failing() {
      yield [["a", 1]];
      throw new Error("the database is away");
    }
    await expect(download(failing()).text()).rejects.toThrow("the database is away");
  });
});
