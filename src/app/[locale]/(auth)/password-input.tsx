"use client";

import { Eye, EyeOff } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";

/** A password input with a button that reveals the password. */
export function PasswordInput({
  name,
  autoComplete,
}: {
  name: string;
  autoComplete: "current-password" | "new-password";
}) {
  const t = useTranslations("auth");
  const [shown, setShown] = useState(false);
  const Icon = shown ? EyeOff : Eye;
  return (
    <div className="relative">
      <Input
        name={name}
        type={shown ? "text" : "password"}
        autoComplete={autoComplete}
        autoCapitalize="none"
        spellCheck={false}
        className="pe-11"
      />
      <Button
        variant="quiet"
        size="icon"
        aria-label={t(shown ? "hidePassword" : "showPassword")}
        aria-pressed={shown}
        onClick={() => setShown(!shown)}
        className="absolute end-0 top-0"
      >
        <Icon aria-hidden="true" />
      </Button>
    </div>
  );
}
