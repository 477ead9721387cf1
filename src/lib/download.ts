import { logger } from "./logger";

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
