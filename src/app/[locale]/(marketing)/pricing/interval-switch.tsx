"use client";

export type ProInterval = "pro-monthly" | "pro-yearly";

/** Monthly or yearly: two buttons of which one is pressed, a radio group to the keyboard. */
export function IntervalSwitch({
  value,
  onValueChange,
  words,
}: {
  value: ProInterval;
  onValueChange: (value: ProInterval) => void;
  words: { label: string; month: string; year: string; saving: string };
}) {
  const options = [
    { value: "pro-monthly", label: words.month, note: null },
    { value: "pro-yearly", label: words.year, note: words.saving },
  ] as const;
  return (
    <fieldset className="flex rounded-md border bg-muted p-0.5 text-sm">
      <legend className="sr-only">{words.label}</legend>
      {options.map((option) => (
        <label
          key={option.value}
          className="relative flex h-9 cursor-pointer items-center gap-2 rounded-sm px-3.5 text-muted-foreground has-checked:bg-card has-checked:text-foreground has-checked:shadow-press has-focus-visible:outline-2 has-focus-visible:outline-ring"
        >
          <input
            type="radio"
            name="interval"
            value={option.value}
            checked={value === option.value}
            onChange={() => onValueChange(option.value)}
            className="sr-only"
          />
          {option.label}
          {option.note && <span className="text-success text-xs">{option.note}</span>}
        </label>
      ))}
    </fieldset>
  );
}
