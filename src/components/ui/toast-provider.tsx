"use client";

import dynamic from "next/dynamic";
import { useEffect, useState } from "react";
import { subscribeToToasts, takeToasts } from "@/components/toast";

const Toaster = dynamic(
  () =>
    import("./toaster").then(
      (module) => module.Toaster,
      () => PlainToasts,
    ),
  { ssr: false },
);

/**
 * Shows toasts. Call `toast.success(…)` from `components/toast` anywhere below it. The first input or
 * the first toast loads the library.
 */
export function ToastProvider() {
  const [isNeeded, setNeeded] = useState(false);
  useEffect(() => {
    const start = () => setNeeded(true);
    const unsubscribe = subscribeToToasts(start);
    const inputs = ["pointerdown", "keydown"] as const;
    for (const input of inputs) addEventListener(input, start, { once: true, passive: true });
    return () => {
      unsubscribe();
      for (const input of inputs) removeEventListener(input, start);
    };
  }, []);
  return isNeeded && <Toaster />;
}

/** Shows the latest toast if the library did not load: it may be the one that says why. */
function PlainToasts() {
  const [text, setText] = useState<string | null>(null);
  useEffect(() => {
    const showLatest = () => setText((shown) => takeToasts().at(-1)?.text ?? shown);
    showLatest();
    return subscribeToToasts(showLatest);
  }, []);
  return (
    <p
      role="alert"
      className="fixed end-4 bottom-4 z-50 max-w-80 rounded-lg border bg-card p-4 text-sm shadow-popup empty:hidden"
    >
      {text}
    </p>
  );
}
