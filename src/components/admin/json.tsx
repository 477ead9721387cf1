/** Something stored as JSON, as it is. */
export function Json({ value }: { value: unknown }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <pre tabIndex={0} className="max-h-160 overflow-auto rounded-md bg-muted p-4 font-mono text-xs">
      {JSON.stringify(value, null, 2)}
    </pre>
  );
}
