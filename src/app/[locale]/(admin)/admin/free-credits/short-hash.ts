/** Enough of a hash to tell networks apart on a page. */
export function shortHash(hash: string): string {
  return hash.slice(0, 8);
}
