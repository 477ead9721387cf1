"use client";

import { useTranslations } from "next-intl";
import type { RenderedFor } from "@/lib/rendered-for";
import type { Service } from "@/public-api/services";
import type { Endpoint } from "@/webhooks/endpoints";
import type { EventType } from "@/webhooks/events";
import { ActionButton } from "../admin/action-button";
import type { ActionResult } from "../call-action";
import { DateTime } from "../date-time";
import { Link } from "../link";
import { Badge } from "../ui/badge";
import { Button } from "../ui/button";
import { Checkbox } from "../ui/checkbox";
import { Field } from "../ui/field";
import { Input } from "../ui/input";
import { Select } from "../ui/select";
import { KeyDialog } from "./key-dialog";

type Action<Input> = (renderedFor: RenderedFor, input: Input) => Promise<ActionResult<unknown>>;
type Act = { id: string; endpointId: string };

/** The server actions behind the endpoints. `id` names the act, so that it is carried out once. */
export interface EndpointActions {
  readonly create: Action<{ id: string; serviceId: string; url: string; events: EventType[] }>;
  readonly rotate: Action<Act>;
  readonly enable: Action<Act & { isEnabled: boolean }>;
  readonly replay: Action<Act>;
  readonly remove: Action<Act>;
}

/** Endpoints with their events, their state and what an admin can do. */
export function EndpointList({
  endpoints,
  actions,
}: {
  endpoints: readonly Endpoint[];
  actions: EndpointActions;
}) {
  const t = useTranslations("apiKeys.endpoints");
  return (
    <ul className="divide-y">
      {endpoints.map((endpoint) => (
        <li
          key={endpoint.id}
          className="flex flex-wrap items-start justify-between gap-3 py-4 first:pt-0"
        >
          <div className="grid min-w-0 gap-1 text-sm">
            <span className="break-all font-medium">{endpoint.url}</span>
            <span className="text-muted-foreground">
              {endpoint.serviceName} <code className="text-xs">{endpoint.id}</code>
            </span>
            <State endpoint={endpoint} />
            <span className="flex flex-wrap gap-1">
              {endpoint.events.map((type) => (
                <Badge key={type}>{type}</Badge>
              ))}
            </span>
            <Link
              href={`/admin/outbox?q=${endpoint.id}`}
              className="w-fit underline underline-offset-4"
            >
              {t("deliveries")}
            </Link>
          </div>
          <div className="flex flex-wrap gap-2">
            <Buttons endpoint={endpoint} actions={actions} />
          </div>
        </li>
      ))}
    </ul>
  );
}

/** Opens the form for a new endpoint. */
export function NewEndpointButton({
  services,
  types,
  create,
}: {
  services: readonly Service[];
  types: readonly EventType[];
  create: EndpointActions["create"];
}) {
  const t = useTranslations("apiKeys.endpoints");
  return (
    <KeyDialog
      trigger={<Button>{t("create")}</Button>}
      title={t("createTitle")}
      description={t("createText")}
      submitLabel={t("create")}
      secret="signing"
      invalidText={t("refused")}
      run={(renderedFor, form) =>
        create(renderedFor, {
          id: crypto.randomUUID(),
          serviceId: String(form.get("service")),
          url: String(form.get("url")),
          events: types.filter((type) => form.get(type) !== null),
        })
      }
    >
      <Field label={t("service")}>
        <Select
          name="service"
          defaultValue={services[0]?.id ?? ""}
          options={services.map(({ id, name }) => ({ value: id, label: name }))}
        />
      </Field>
      <Field label={t("url")} hint={t("urlHint")} required>
        <Input name="url" type="url" maxLength={500} autoComplete="off" />
      </Field>
      <fieldset className="grid gap-2 sm:grid-cols-2">
        <legend className="mb-1.5 font-medium text-sm">{t("events")}</legend>
        {types.map((type) => (
          <Checkbox key={type} name={type} label={<code>{type}</code>} defaultChecked />
        ))}
      </fieldset>
    </KeyDialog>
  );
}

function State({
  endpoint: { disabledAt, disabledBy, failingSince, failed },
}: Pick<Props, "endpoint">) {
  const t = useTranslations("apiKeys.endpoints");
  return (
    <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
      {disabledAt !== null ? (
        <>
          <Badge tone={disabledBy === "failures" ? "destructive" : "neutral"}>{t("off")}</Badge>
          {t(disabledBy === "failures" ? "offByFailures" : "offByAdmin")}
          <DateTime instant={disabledAt} />
        </>
      ) : failingSince !== null ? (
        <>
          <Badge tone="warning">{t("failing")}</Badge>
          <DateTime instant={failingSince} />
        </>
      ) : (
        <Badge tone="success">{t("on")}</Badge>
      )}
      {failed > 0 && <span className="text-destructive">{t("failed", { count: failed })}</span>}
    </span>
  );
}

interface Props {
  readonly endpoint: Endpoint;
  readonly actions: EndpointActions;
}

function Buttons({ endpoint: { id: endpointId, url, disabledAt, failed }, actions }: Props) {
  const t = useTranslations("apiKeys.endpoints");
  const isEnabled = disabledAt === null;
  const input = () => ({ id: crypto.randomUUID(), endpointId });
  return (
    <>
      {isEnabled && failed > 0 && (
        <ActionButton
          size="sm"
          aria-label={t("replayNamed", { url })}
          action={(renderedFor, act: Act) => actions.replay(renderedFor, act)}
          input={input()}
          success={t("replayed")}
        >
          {t("replay")}
        </ActionButton>
      )}
      <ActionButton
        size="sm"
        aria-label={t(isEnabled ? "disableNamed" : "enableNamed", { url })}
        action={(renderedFor, act: Act) =>
          actions.enable(renderedFor, { ...act, isEnabled: !isEnabled })
        }
        input={input()}
        success={t(isEnabled ? "disabled" : "enabled")}
      >
        {t(isEnabled ? "disable" : "enable")}
      </ActionButton>
      <KeyDialog
        trigger={
          <Button size="sm" aria-label={t("rotateNamed", { url })}>
            {t("rotate")}
          </Button>
        }
        title={t("rotateTitle")}
        description={t("rotateText")}
        submitLabel={t("rotate")}
        secret="signing"
        run={(renderedFor) => actions.rotate(renderedFor, input())}
      />
      <KeyDialog
        trigger={
          <Button size="sm" variant="destructive" aria-label={t("removeNamed", { url })}>
            {t("remove")}
          </Button>
        }
        title={t("removeTitle")}
        description={t("removeText")}
        submitLabel={t("remove")}
        destructive
        run={(renderedFor) => actions.remove(renderedFor, input())}
      />
    </>
  );
}
