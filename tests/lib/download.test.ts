import { describe, expect, it, vi } from "vitest";
import { csvLine, csvResponse } from "@/lib/download";
import { logger } from "@/lib/logger";

describe("csvLine", () => {
  it.each([
    ["plain text unchanged", "plain", "plain"],
    ["a comma inside quotes", "a,b", '"a,b"'],
    ["a doubled quote", 'say "hi"', '"say ""hi"""'],
    ["line breaks inside quotes", "a\r\nb", '"a\r\nb"'],
    ["nothing for null", null, ""],
    ["a negative number as a number", -12, "-12"],
    ["an instant in UTC", new Date("2026-03-01T10:00:00+02:00"), "2026-03-01T08:00:00.000Z"],
    ["Chinese unchanged", "李清照", "李清照"],
  ])("writes %s", (_, cell, written) => {
    expect(csvLine([cell])).toBe(`${written}\r\n`);
  });

  it.each(["=1+1", "+1", "-1", "@SUM(A1)", "  =1", "＝1", "＋1", "－1", "＠x"])(
    "prevents a spreadsheet from running %s",
    (cell) => {
      expect(csvLine([cell])).toBe(`'${cell}\r\n`);
    },
  );

  it("escapes and quotes a formula with commas and a text with a leading tab", () => {
    expect(csvLine(['=HYPERLINK("x","y")'])).toBe('"\'=HYPERLINK(""x"",""y"")"\r\n');
    expect(csvLine(["\t=1"])).toBe('"\'\t=1"\r\n');
  });
});

describe("csvResponse", () => {
  const download = (pages: AsyncIterable<readonly (readonly (string | number)[])[]>) =>
    csvResponse({ filename: "x.csv", header: ["name", "credits"], pages });

  it("sends a byte order mark, the header and all pages", async () => {
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

  it("aborts the response and logs the error when a page fails", async () => {
    const logged = vi.spyOn(logger, "error").mockReturnValue(undefined);
    async function* pages() {
      yield [["a", 1]];
      throw new Error("connection lost");
    }
    await expect(download(pages()).text()).rejects.toThrow("connection lost");
    expect(logged).toHaveBeenCalledWith(
      { err: expect.objectContaining({ message: "connection lost" }), file: "x.csv" },
      "download failed",
    );
    logged.mockRestore();
  });

  it("reads pages only as the client consumes them", async () => {
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
});
