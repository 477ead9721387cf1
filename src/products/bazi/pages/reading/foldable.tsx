"use client";

import { type MouseEvent, type ReactNode, useEffect, useRef } from "react";

/**
 * Opens the `details` elements among its children where folding does not help: on wide screens and in
 * print. A link to one of them opens it. Without scripts, they unfold one by one.
 */
export function Foldable({ children }: { children: ReactNode }) {
  const container = useRef<HTMLDivElement>(null);

  useEffect(() => {
    const folded = () => [
      ...(container.current?.querySelectorAll<HTMLDetailsElement>("details:not([open])") ?? []),
    ];
    const open = (all: readonly HTMLDetailsElement[]) => {
      for (const each of all) each.open = true;
    };
    if (window.matchMedia("(min-width: 48rem)").matches) open(folded());
    openTarget(window.location.hash);

    let openedForPrint: readonly HTMLDetailsElement[] = [];
    const beforePrint = () => {
      openedForPrint = folded();
      open(openedForPrint);
    };
    const afterPrint = () => {
      for (const each of openedForPrint) each.open = false;
    };
    window.addEventListener("beforeprint", beforePrint);
    window.addEventListener("afterprint", afterPrint);
    return () => {
      window.removeEventListener("beforeprint", beforePrint);
      window.removeEventListener("afterprint", afterPrint);
    };
  }, []);

  const openLinked = ({ target }: MouseEvent) => {
    const link = target instanceof Element ? target.closest("a") : null;
    if (link !== null) openTarget(link.hash);
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions lint/a11y/useKeyWithClickEvents: listens to the links inside, which are focusable
    <div ref={container} onClick={openLinked}>
      {children}
    </div>
  );
}

/** Opens the `details` element with the id of a URL's hash, if there is one. */
function openTarget(hash: string): void {
  const target = hash === "" ? null : document.getElementById(hash.slice(1));
  if (target instanceof HTMLDetailsElement) target.open = true;
}
