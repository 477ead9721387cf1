"use client";

import { useEffect, useRef, useState } from "react";
import "./api-reference.css";

interface Renderer {
  createApiReference(
    element: HTMLElement,
    configuration: object,
  ): { updateConfiguration(configuration: object): void; destroy(): void };
}

/** Renders the OpenAPI document. Loads the renderer, 1 MB, on this page only. */
export function ApiReference({
  script,
  texts,
}: {
  script: string;
  texts: { loading: string; failed: string };
}) {
  const place = useRef<HTMLDivElement>(null);
  const [state, setState] = useState<"loading" | "failed" | "shown">("loading");
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    let isGone = false;
    let close = () => {};
    loadRenderer(script).then(
      (renderer) => {
        if (isGone) return;
        const reference = renderer.createApiReference(element, configurationOf(isDark()));
        markTheme(isDark());
        const observer = new MutationObserver(() => {
          reference.updateConfiguration(configurationOf(isDark()));
          markTheme(isDark());
        });
        observer.observe(document.documentElement, { attributeFilter: ["class"] });
        close = () => {
          observer.disconnect();
          reference.destroy();
        };
        setState("shown");
      },
      () => setState("failed"),
    );
    return () => {
      isGone = true;
      close();
    };
  }, [script]);
  return (
    <>
      {state !== "shown" && (
        <p role="status" className="mx-auto min-h-64 max-w-6xl px-4 text-muted-foreground sm:px-6">
          {texts[state]}
        </p>
      )}
      <div ref={place} className="api-reference border-t" />
    </>
  );
}

function loadRenderer(src: string): Promise<Renderer> {
  return new Promise((resolve, reject) => {
    const page: typeof globalThis & { Scalar?: Renderer } = globalThis;
    if (page.Scalar) return resolve(page.Scalar);
    const element = document.createElement("script");
    element.src = src;
    element.onload = () => (page.Scalar ? resolve(page.Scalar) : reject(new Error(src)));
    element.onerror = () => reject(new Error(src));
    document.head.append(element);
  });
}

/** Sets the class of the body that the renderer's styles depend on: the renderer itself only adds to it. */
function markTheme(dark: boolean): void {
  document.body.classList.toggle("dark-mode", dark);
  document.body.classList.toggle("light-mode", !dark);
}

const isDark = () => document.documentElement.classList.contains("dark");

/** Requests nothing but the document. Keys belong on servers, so the page sends no API requests. */
function configurationOf(dark: boolean) {
  return {
    url: "/api/v1/openapi.json",
    theme: "none",
    forceDarkModeState: dark ? "dark" : "light",
    withDefaultFonts: false,
    telemetry: false,
    agent: { disabled: true },
    proxyUrl: "",
    persistAuth: false,
    hideClientButton: true,
    hideDarkModeToggle: true,
    hideTestRequestButton: true,
    showDeveloperTools: "never",
    documentDownloadType: "none",
    hideModels: true,
    defaultHttpClient: { targetKey: "shell", clientKey: "curl" },
  };
}
