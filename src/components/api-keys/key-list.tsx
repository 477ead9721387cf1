"use client";

import { useTranslations } from "next-intl";
import type { Service } from "@/public-api/services";
import { Credits } from "../credits";
import { DateTime } from "../date-time";
import { Badge } from "../ui/badge";
import { Button } from "../ui/button";
import { Checkbox } from "../ui/checkbox";
import { Field } from "../ui/field";
import { Input } from "../ui/input";
import { Select } from "../ui/select";
import type { KeyActions } from "./key-actions";
import { KeyDialog } from "./key-dialog";
import {
  CapFields,
  LifetimeField,
  RequestLimitField,
  readCap,
  readLifetime,
  readRequestLimit,
} from "./key-fields";

type Scope = "read" | "spend" | "refund";
const OVERLAPS = ["0", "1", "24", "72"] as const;

/** Keys with what they may do, their cap and their last use. The buttons that change them need `actions`. */
export function KeyList({
  services,
  actions,
}: {
  services: readonly Service[];
  actions?: KeyActions;
}) {
  const t = useTranslations("apiKeys");
  return (
    <ul className="divide-y">
      {services.map((service) => (
        <li key={service.id} className="grid gap-3 py-4 first:pt-0">
          <div className="flex flex-wrap items-start justify-between gap-3">
            <div className="grid gap-1 text-sm">
              <span className="font-medium">{service.name}</span>
              <Keys service={service} />
              <Cap service={service} />
              <span className="text-muted-foreground">
                {t("serviceId")} <code className="text-xs">{service.id}</code>
              </span>
            </div>
            {actions && (
              <div className="flex flex-wrap gap-2">
                <CapButton service={service} actions={actions} />
                <RotateButton service={service} actions={actions} />
                <RevokeButton service={service} actions={actions} />
              </div>
            )}
          </div>
        </li>
      ))}
    </ul>
  );
}

/** Opens the form for a new key. */
export function NewKeyButton({
  scopes,
  create,
}: {
  scopes: readonly Scope[];
  create: KeyActions["create"];
}) {
  const t = useTranslations("apiKeys");
  return (
    <KeyDialog
      trigger={<Button variant="primary">{t("create")}</Button>}
      title={t("createTitle")}
      description={t("createText")}
      submitLabel={t("create")}
      run={(renderedFor, form) =>
        create(renderedFor, {
          id: crypto.randomUUID(),
          name: String(form.get("name")),
          scopes: scopes.filter((scope) => scope === "read" || form.get(scope) !== null),
          expiresInDays: readLifetime(form),
          cap: readCap(form),
        })
      }
    >
      <Field label={t("name")} hint={t("nameHint")} required>
        <Input name="name" maxLength={60} autoComplete="off" />
      </Field>
      <fieldset className="grid gap-2">
        <legend className="mb-1.5 font-medium text-sm">{t("scopesLabel")}</legend>
        {scopes.map((scope) => (
          <Checkbox
            key={scope}
            name={scope}
            label={t(`scopeTexts.${scope}`)}
            defaultChecked={scope !== "refund"}
            disabled={scope === "read"}
          />
        ))}
      </fieldset>
      <LifetimeField />
      <CapFields />
    </KeyDialog>
  );
}

function Keys({ service: { keys } }: { service: Service }) {
  const t = useTranslations("apiKeys");
  if (keys.length === 0) return <Badge tone="warning">{t("noKey")}</Badge>;
  return keys.map((key) => (
    <span key={key.start} className="flex flex-wrap items-center gap-x-2 gap-y-1">
      <code className="font-mono text-xs">{key.start}…</code>
      {key.scopes.map((scope) => (
        <Badge key={scope}>{t(`scopes.${scope}`)}</Badge>
      ))}
      <span className="text-muted-foreground">
        {key.lastUsedAt === null ? (
          t("neverUsed")
        ) : (
          <>
            {t("lastUsed")} <DateTime instant={key.lastUsedAt} />
          </>
        )}
        {" · "}
        {key.expiresAt === null ? (
          t("noExpiry")
        ) : (
          <>
            {t("expires")} <DateTime instant={key.expiresAt} />
          </>
        )}
      </span>
    </span>
  ));
}

function Cap({ service: { limit } }: { service: Service }) {
  const t = useTranslations("apiKeys");
  if (limit === null) return <span className="text-muted-foreground">{t("noCap")}</span>;
  return (
    <span>
      {t.rich(`caps.${limit.window}`, {
        used: () => <Credits amount={limit.amount - limit.remaining} />,
        cap: () => <Credits amount={limit.amount} />,
      })}
    </span>
  );
}

interface Props {
  readonly service: Service;
  readonly actions: KeyActions;
}

function CapButton({ service, actions }: Props) {
  const { id: serviceId, name, limit, requestsPerMinute } = service;
  const t = useTranslations("apiKeys");
  return (
    <KeyDialog
      trigger={
        <Button size="sm" aria-label={t("changeCapNamed", { name })}>
          {t("changeCap")}
        </Button>
      }
      title={t("capTitle", { name })}
      description={t("capText")}
      submitLabel={t("save")}
      run={(renderedFor, form) =>
        actions.changeCap(renderedFor, {
          id: crypto.randomUUID(),
          serviceId,
          cap: readCap(form),
          ...(requestsPerMinute !== undefined && { requestsPerMinute: readRequestLimit(form) }),
        })
      }
    >
      <CapFields cap={limit} />
      {requestsPerMinute !== undefined && <RequestLimitField limit={requestsPerMinute} />}
    </KeyDialog>
  );
}

function RotateButton({ service: { id: serviceId, name }, actions }: Props) {
  const t = useTranslations("apiKeys");
  return (
    <KeyDialog
      trigger={
        <Button size="sm" aria-label={t("rotateNamed", { name })}>
          {t("rotate")}
        </Button>
      }
      title={t("rotateTitle", { name })}
      description={t("rotateText")}
      submitLabel={t("rotate")}
      run={(renderedFor, form) =>
        actions.rotate(renderedFor, {
          id: crypto.randomUUID(),
          serviceId,
          overlapHours: overlapOf(form.get("overlap")),
          expiresInDays: readLifetime(form),
        })
      }
    >
      <Field label={t("overlap")}>
        <Select
          name="overlap"
          defaultValue="24"
          options={OVERLAPS.map((value) => ({ value, label: t(`overlaps.${value}`) }))}
        />
      </Field>
      <LifetimeField />
    </KeyDialog>
  );
}

function RevokeButton({ service: { id: serviceId, name }, actions }: Props) {
  const t = useTranslations("apiKeys");
  return (
    <KeyDialog
      trigger={
        <Button size="sm" variant="destructive" aria-label={t("revokeNamed", { name })}>
          {t("revoke")}
        </Button>
      }
      title={t("revokeTitle", { name })}
      description={t("revokeText")}
      submitLabel={t("revoke")}
      destructive
      run={(renderedFor) => actions.revoke(renderedFor, { id: crypto.randomUUID(), serviceId })}
    />
  );
}

function overlapOf(value: FormDataEntryValue | null): 0 | 1 | 24 | 72 {
  return ([0, 1, 24, 72] as const).find((hours) => String(hours) === value) ?? 24;
}
