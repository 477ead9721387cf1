"use client";

import { useLocale, useTranslations } from "next-intl";
import { useState, useSyncExternalStore } from "react";
import { toast } from "@/components/toast";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { useServerAction } from "@/components/use-server-action";
import { localePath } from "@/lib/locales";
import { shareReadingAction, stopSharingReadingAction } from "../../actions";

const neverChanges = () => () => {};
const browserOrigin = () => window.location.origin;

/** Creates, copies and revokes the private link of a reading. */
export function ShareReading({ id, token: initial }: { id: string; token: string | null }) {
  const t = useTranslations("bazi.reading");
  const { submit, isPending } = useServerAction();
  const [token, setToken] = useState(initial);

  const share = () =>
    submit(
      (renderedFor) => shareReadingAction(renderedFor, { id }),
      (shared) => setToken(shared?.token ?? null),
    );
  const stop = () =>
    submit(
      (renderedFor) => stopSharingReadingAction(renderedFor, { id }),
      () => {
        setToken(null);
        toast.success(t("shareStopped"));
      },
    );

  return (
    <section className="grid max-w-[68ch] gap-3">
      <h2 className="font-semibold">{t("shareTitle")}</h2>
      <p className="text-muted-foreground text-sm">{t("shareText")}</p>
      {token !== null && <PrivateLink token={token} />}
      <div>
        {token === null ? (
          <Button variant="secondary" pending={isPending} onClick={share}>
            {t("share")}
          </Button>
        ) : (
          <Button variant="quiet" pending={isPending} onClick={stop}>
            {t("shareStop")}
          </Button>
        )}
      </div>
    </section>
  );
}

function PrivateLink({ token }: { token: string }) {
  const t = useTranslations("bazi.reading");
  const locale = useLocale();
  const origin = useSyncExternalStore(neverChanges, browserOrigin, () => "");
  const url = origin + localePath(locale, `/bazi/shared/${token}`);
  const copy = async () => {
    await navigator.clipboard.writeText(url);
    toast.success(t("shareCopied"));
  };
  return (
    <div className="flex items-end gap-2">
      <Field label={t("shareLink")} className="flex-1">
        <Input readOnly value={url} onFocus={({ target }) => target.select()} />
      </Field>
      <Button variant="secondary" onClick={copy}>
        {t("shareCopy")}
      </Button>
    </div>
  );
}
