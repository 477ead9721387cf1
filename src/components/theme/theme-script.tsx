"use client";
"use no memo";

import { useServerInsertedHTML } from "next/navigation";
import { useLayoutEffect, useRef } from "react";
import { paintTheme, useTheme } from "./theme";

/**
 * Inserts /theme.js into the server's HTML, so that it runs before the first paint (neither async nor
 * defer) and nobody in a dark room sees a white page. A file needs neither a nonce nor 'unsafe-inline'. If
 * storage is blocked, the device decides. React does not run scripts that it renders in the browser. On a not-found page React
 * recreates `<html>` without the class, so the effect sets it again.
 */
export function ThemeScript() {
  const inserted = useRef(false);
  useServerInsertedHTML(() => {
    if (inserted.current) return null;
    inserted.current = true;
    return <script src="/theme.js" />;
  });
  useLayoutEffect(paintTheme, []);
  // Pages without a theme select, such as the not-found page, follow the device's theme as well.
  useTheme();
  return null;
}
