/**
 * Reads a request's body. Returns null as soon as it exceeds `maxBytes`, whatever its
 * `Content-Length` says.
 */
export async function readBody(request: Request, maxBytes: number): Promise<Buffer | null> {
  if (request.body === null) return Buffer.alloc(0);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const reader = request.body.getReader();
  for (let result = await reader.read(); !result.done; result = await reader.read()) {
    bytes += result.value.byteLength;
    if (bytes > maxBytes) {
      await reader.cancel();
      return null;
    }
    chunks.push(result.value);
  }
  return Buffer.concat(chunks);
}
