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

/** Streams a CSV download; see `downloadResponse`. */
export function csvResponse({
  filename,
  header,
  pages,
}: {
  filename: string;
  header: readonly string[];
  pages: AsyncIterable<readonly (readonly CsvCell[])[]>;
}): Response {
  async function* parts() {
    yield BYTE_ORDER_MARK + csvLine(header);
    for await (const page of pages) yield page.map(csvLine).join("");
  }
  return downloadResponse({ filename, contentType: "text/csv; charset=utf-8", parts: parts() });
}

/**
 * Streams a download. Each part is made after the previous one is sent, so memory does not grow with
 * the file. If a part fails, the download breaks off: a truncated file must not look complete.
 */
export function downloadResponse(options: {
  filename: string;
  /** With its character set. */
  contentType: string;
  parts: AsyncIterable<string>;
}): Response {
  const encoder = new TextEncoder();
  const iterator = options.parts[Symbol.asyncIterator]();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      // The status is already sent, so the error can only be logged.
      const part = await iterator.next().catch((error: unknown) => {
        logger.error({ err: error, file: options.filename }, "download failed");
        throw error;
      });
      if (part.done) controller.close();
      else controller.enqueue(encoder.encode(part.value));
    },
    async cancel() {
      await iterator.return?.();
    },
  });
  return new Response(body, {
    headers: {
      "Content-Type": options.contentType,
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
