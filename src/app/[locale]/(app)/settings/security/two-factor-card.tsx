"use client";

import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card, CardHeader } from "@/components/ui/card";
import type { TwoFactorChange } from "./two-factor-dialog";

/** Loaded with its QR code library when it is first opened. */
const TwoFactorDialog = dynamic(
  () => import("./two-factor-dialog").then((module) => module.TwoFactorDialog),
  { ssr: false },
);

/** Turns two-factor authentication on and off, and creates new backup codes. */
export function TwoFactorCard({
  isOn,
  hasPassword,
  email,
}: {
  isOn: boolean;
  hasPassword: boolean;
  email: string;
}) {
  const t = useTranslations("security.twoFactor");
  const [change, setChange] = useState<TwoFactorChange | null>(null);
  return (
    <Card>
      <CardHeader
        title={t("title")}
        description={t("text")}
        aside={<Badge tone={isOn ? "success" : "neutral"}>{t(isOn ? "on" : "off")}</Badge>}
      />
      <div className="flex flex-wrap gap-2">
        {isOn ? (
          <>
            <Button onClick={() => setChange("newCodes")}>{t("newCodes")}</Button>
            <Button variant="destructive" onClick={() => setChange("turnOff")}>
              {t("turnOff")}
            </Button>
          </>
        ) : (
          <Button onClick={() => setChange("setUp")}>{t("setUp")}</Button>
        )}
      </div>
      {change !== null && (
        <TwoFactorDialog
          change={change}
          hasPassword={hasPassword}
          email={email}
          onClose={() => setChange(null)}
        />
      )}
    </Card>
  );
}
