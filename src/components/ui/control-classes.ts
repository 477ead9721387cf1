/** What input, textarea and select's trigger have in common. */
export const controlClasses = [
  "w-full rounded-md border border-input bg-card px-3 text-base text-foreground sm:text-sm",
  "transition-[border-color,box-shadow] duration-150 placeholder:text-muted-foreground/80",
  "hover:border-foreground/40 focus-visible:border-ring",
  "aria-invalid:border-destructive disabled:cursor-not-allowed disabled:bg-muted disabled:opacity-60",
].join(" ");
