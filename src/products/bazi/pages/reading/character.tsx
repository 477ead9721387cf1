import { cn } from "@/components/ui/cn";

/** The character of a stem or branch in a Song typeface, with its name below. */
export function Character({
  sign,
  gloss,
  size = "md",
}: {
  sign: string;
  gloss: string;
  size?: "sm" | "md";
}) {
  return (
    <span className="grid justify-items-center">
      <span
        lang="zh-CN"
        className={cn(
          "font-seal",
          size === "md" ? "text-[2.6rem] leading-[1.2] sm:text-5xl" : "text-2xl leading-tight",
        )}
      >
        {sign}
      </span>
      <span className="text-muted-foreground text-xs">{gloss}</span>
    </span>
  );
}
