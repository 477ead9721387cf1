"use client";

import { useServerInsertedHTML } from "next/navigation";
import { useRef } from "react";

/**
 * Puts /theme.js into the head of the HTML, where it runs before the first paint (hence neither
 * async nor defer). Only into the HTML: React refuses scripts that it renders in the browser.
 */
export function ThemeScript() {
  const inserted = useRef(false);
  useServerInsertedHTML(() => {
    if (inserted.current) return null;
    inserted.current = true;
    return <script src="/theme.js" />;
  });
  return null;
}
