import { logger } from "./logger";

/** What a cell may hold. Instants are written as ISO 8601 in UTC. */
export type CsvCell = string | number | Date | null;

/** Excel takes a file without this for its own old encoding, and Chinese comes out as noise. */
const BYTE_ORDER_MARK = "\uFEFF";

/**
 * One line of CSV (RFC 4180). A text that a spreadsheet would run as a formula is written with an
 * apostrophe before it; the full-width signs count too, as some spreadsheets take them for the same.
 * Source: OWASP, "CSV Injection".
 */
export function csvLine(cells: readonly CsvCell[]): string {
  return `${cells.map(csvCell).join(",")}\r\n`;
}

function csvCell(cell: CsvCell): string {
  if (cell === null) return "";
  if (typeof cell === "number") return String(cell);
  if (cell instanceof Date) return cell.toISOString();
  // Leading blanks do not keep a spreadsheet from seeing a formula; tab and return are such themselves.
  const safe = /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/.test(cell) ? `'${cell}` : cell;
  return /[",;\r\n\t]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/**
 * Sends CSV page by page as it is read: the next page is asked for when the last one has gone out,
 * so memory does not grow with the file. A page that fails breaks the download off rather than
 * leaving a file that looks complete.
 */
export function csvResponse(options: {
  filename: string;
  header: readonly string[];
  pages: AsyncIterable<readonly (readonly CsvCell[])[]>;
}): Response {
  const encoder = new TextEncoder();
  const iterator = options.pages[Symbol.asyncIterator]();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(encoder.encode(BYTE_ORDER_MARK + csvLine(options.header)));
    },
    async pull(controller) {
      // The answer's status has gone out: nobody but the log can be told of what fails from here on.
      const page = await iterator.next().catch((error: unknown) => {
        logger.error({ err: error, file: options.filename }, "a download broke off");
        throw error;
      });
      if (page.done) controller.close();
      else controller.enqueue(encoder.encode(page.value.map(csvLine).join("")));
    },
    async cancel() {
      await iterator.return?.();
    },
  });
  return new Response(body, {
    headers: {
      "Content-Type": "text/csv; charset=utf-8",
      "Content-Disposition": `attachment; filename="${options.filename}"`,
      "Cache-Control": "no-store",
      "X-Content-Type-Options": "nosniff",
    },
  });
}
