/** A mail's plain text, with its addresses as links. */
export function MailText({ text, language }: { text: string; language: string }) {
  return (
    <pre
      lang={language}
      className="overflow-x-auto whitespace-pre-wrap break-words rounded-lg border bg-card p-4 text-sm"
    >
      {text.split(/(https?:\/\/\S+)/).map((part, position) =>
        position % 2 === 1 ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: the text never changes, and an address may stand in it twice.
          <a key={position} href={part} className="underline underline-offset-4">
            {part}
          </a>
        ) : (
          part
        ),
      )}
    </pre>
  );
}
