"use client";

import { useLocale } from "next-intl";
import { type Ref, useEffect, useImperativeHandle, useRef } from "react";
import { CAPTCHA_SCRIPTS, type CaptchaProvider, type CaptchaWidget } from "@/lib/captcha";

/** What the form asks the check for. */
export interface CaptchaHandle {
  /** The token of a passed check that has not expired, or null. */
  readonly token: () => string | null;
  readonly reset: () => void;
}

/** The part of the providers' APIs that is the same for both. */
interface ProviderApi {
  render(container: HTMLElement, options: Readonly<Record<string, unknown>>): string;
  reset(id: string): void;
  remove(id: string): void;
}

/** A provider's captcha. Its script is loaded only where this is rendered. */
export function Captcha({ widget, ref }: { widget: CaptchaWidget; ref: Ref<CaptchaHandle> }) {
  const { provider, siteKey } = widget;
  const locale = useLocale();
  const container = useRef<HTMLDivElement>(null);
  const token = useRef<string | null>(null);
  const rendered = useRef<{ api: ProviderApi; id: string } | null>(null);
  useImperativeHandle(ref, () => ({
    token: () => token.current,
    reset: () => {
      token.current = null;
      rendered.current?.api.reset(rendered.current.id);
    },
  }));
  useEffect(() => {
    let isMounted = true;
    const render = (api: ProviderApi) => {
      if (!isMounted || container.current === null) return;
      const options = {
        sitekey: siteKey,
        theme: document.documentElement.classList.contains("dark") ? "dark" : "light",
        // Each provider reads its own name.
        language: locale,
        hl: locale,
        callback: (passed: string) => {
          token.current = passed;
        },
        "expired-callback": () => {
          token.current = null;
        },
      };
      rendered.current = { api, id: api.render(container.current, options) };
    };
    loadApi(provider).then(render, () => undefined);
    return () => {
      isMounted = false;
      rendered.current?.api.remove(rendered.current.id);
      rendered.current = null;
    };
  }, [provider, siteKey, locale]);
  return <div ref={container} className="min-h-16" />;
}

/** Loads a provider's script once per document. Without it, the server refuses the sign-up. */
function loadApi(provider: CaptchaProvider): Promise<ProviderApi> {
  loading ??= new Promise((resolve, reject) => {
    const onload = "qiflowCaptchaReady";
    const script = document.createElement("script");
    Object.assign(window, {
      [onload]: () => resolve(Reflect.get(window, provider) as ProviderApi),
    });
    script.src = `${CAPTCHA_SCRIPTS[provider]}?render=explicit&onload=${onload}`;
    script.async = true;
    script.addEventListener("error", () => {
      loading = undefined;
      reject(new Error(`The script of ${provider} could not be loaded.`));
    });
    document.head.append(script);
  });
  return loading;
}

let loading: Promise<ProviderApi> | undefined;
