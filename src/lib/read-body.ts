/** A client that is still sending would see a reset connection instead of the response. */
const MAX_DISCARDED_BYTES = 1024 * 1024;

/**
 * Reads a request's body. Returns null if it exceeds `maxBytes`, whatever its `Content-Length` says,
 * and discards at most 1 MB of the rest.
 */
export async function readBody(request: Request, maxBytes: number): Promise<Buffer | null> {
  if (request.body === null) return Buffer.alloc(0);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const reader = request.body.getReader();
  for (let result = await reader.read(); !result.done; result = await reader.read()) {
    bytes += result.value.byteLength;
    if (bytes > maxBytes + MAX_DISCARDED_BYTES) {
      await reader.cancel();
      return null;
    }
    if (bytes <= maxBytes) chunks.push(result.value);
  }
  return bytes > maxBytes ? null : Buffer.concat(chunks);
}
