import { Input } from "@/components/ui/input";

/** The input `code`: six digits of an authenticator app, or a backup code. */
export function CodeInput({ isBackupCode }: { isBackupCode: boolean }) {
  const attributes = isBackupCode
    ? ({ autoComplete: "off", placeholder: "xxxxx-xxxxx" } as const)
    : ({ autoComplete: "one-time-code", inputMode: "numeric", placeholder: "123 456" } as const);
  return (
    <Input
      name="code"
      {...attributes}
      autoCapitalize="none"
      spellCheck={false}
      maxLength={20}
      className="max-w-48 font-mono"
    />
  );
}
