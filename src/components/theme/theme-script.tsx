"use client";

import { useServerInsertedHTML } from "next/navigation";
import { useLayoutEffect, useRef } from "react";
import { paintTheme } from "./theme";

/**
 * Puts /theme.js into the head of the HTML, where it runs before the first paint (hence neither
 * async nor defer). Only into the HTML: React refuses scripts that it renders in the browser. Where
 * there is no page, React draws `<html>` anew and takes the class away, so it is set once more then.
 */
export function ThemeScript() {
  const inserted = useRef(false);
  useServerInsertedHTML(() => {
    if (inserted.current) return null;
    inserted.current = true;
    return <script src="/theme.js" />;
  });
  useLayoutEffect(paintTheme, []);
  return null;
}
