import { logger } from "./logger";

/** Instants are written as ISO 8601 in UTC. */
export type CsvCell = string | number | Date | null;

/** Without it, Excel reads the file in a legacy encoding and garbles Chinese. */
const BYTE_ORDER_MARK = "\uFEFF";

/**
 * Formats one line of CSV (RFC 4180). An apostrophe is put before a text that a spreadsheet would
 * run as a formula, full-width signs included: some spreadsheets treat them like the plain ones.
 * Source: OWASP, "CSV Injection".
 */
export function csvLine(cells: readonly CsvCell[]): string {
  return `${cells.map(csvCell).join(",")}\r\n`;
}

/**
 * Streams a CSV download. Each page is read after the previous one is sent, so memory does not grow
 * with the file. If a page fails, the download breaks off: a truncated file must not look complete.
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
      // The status is already sent, so the error can only be logged.
      const page = await iterator.next().catch((error: unknown) => {
        logger.error({ err: error, file: options.filename }, "CSV download failed");
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

function csvCell(cell: CsvCell): string {
  if (cell === null) return "";
  if (typeof cell === "number") return String(cell);
  if (cell instanceof Date) return cell.toISOString();
  // Spreadsheets skip leading blanks before a formula, and treat a leading tab or return as one.
  const safe = /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/.test(cell) ? `'${cell}` : cell;
  return /[",;\r\n\t]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
