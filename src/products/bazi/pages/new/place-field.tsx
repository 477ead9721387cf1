"use client";

import { Combobox } from "@base-ui/react/combobox";
import { useTranslations } from "next-intl";
import { controlClasses, useFieldControl } from "@/components/ui/field";
import { Spinner } from "@/components/ui/spinner";
import { isListed, PLACE_IDS } from "../../birth/places";
import { type FormValues, OTHER_PLACE } from "./form-values";
import { usePlaceSearch } from "./use-place-search";

interface Option {
  readonly id: string;
  /** The text of the input once the option is chosen. */
  readonly label: string;
  readonly name: string;
  readonly detail?: string;
}

/**
 * A search over the cities of the world. Before anything is typed it lists well-known ones. What was
 * typed stays, also if nothing is chosen. The last option opens the fields for longitude and zone.
 */
export function PlaceField({
  values,
  change,
}: {
  values: Pick<FormValues, "placeId" | "placeText">;
  change: (changed: Partial<FormValues>) => void;
}) {
  const t = useTranslations("bazi");
  const search = usePlaceSearch();
  const { labelId: _, ...control } = useFieldControl() ?? { labelId: "" };
  const listed = (id: (typeof PLACE_IDS)[number]): Option => {
    const name = t(`places.${id}`);
    return { id, label: name, name };
  };
  const other = { id: OTHER_PLACE, label: t("form.placeOther"), name: t("form.placeOther") };
  const { placeId } = values;
  const text = textOf(values, { listed: (id) => listed(id).label, other: other.label });
  const found = search.places?.map(({ id, name, around, zone }) => ({
    id,
    label: isListed(id) ? listed(id).label : t("form.placeWithin", { place: name, around }),
    name,
    detail: `${around} · ${zone}`,
  }));
  const isSearching = search.isPending && found === undefined;
  const options: Option[] = isSearching ? [] : [...(found ?? PLACE_IDS.map(listed)), other];
  const chosen = placeId === "" ? null : { id: placeId, label: text, name: text };

  return (
    <Combobox.Root
      items={options}
      filter={null}
      value={chosen}
      inputValue={text}
      itemToStringLabel={({ label }: Option) => label}
      isItemEqualToValue={(one, another) => one.id === another.id}
      autoHighlight
      onInputValueChange={(typed, { reason }) => {
        // For other reasons, such as leaving the field, the text stays as it is.
        if (reason !== "input-change") return;
        change({ placeId: "", placeText: typed });
        search.find(typed);
      }}
      onValueChange={(option) => {
        if (option === null) return;
        change({ placeId: option.id, placeText: option.label });
        search.clear();
      }}
    >
      <Combobox.Input
        {...control}
        // Enter neither sends the form nor takes a result of what was typed before.
        onKeyDown={(event) => {
          if (event.key !== "Enter" || placeId !== "" || text === "") return;
          event.preventDefault();
          if (search.isPending) event.preventBaseUIHandler();
        }}
        autoComplete="off"
        maxLength={80}
        placeholder={t("form.placeSearch")}
        className={`${controlClasses} h-10`}
      />
      <Combobox.Portal>
        <Combobox.Positioner sideOffset={4} align="start" className="z-50 outline-none">
          <Combobox.Popup
            aria-busy={search.isPending || undefined}
            className="popup w-(--anchor-width) max-w-(--available-width)"
          >
            <Combobox.Status className="flex items-center gap-2 px-3.5 pt-2.5 text-muted-foreground text-sm empty:hidden">
              {search.isPending && <Spinner />}
              {statusText(search, t)}
            </Combobox.Status>
            <Combobox.List className="max-h-[max(10rem,min(22rem,calc(var(--available-height)-3rem)))] scroll-py-1 overflow-y-auto p-1">
              {(option: Option) => (
                <Combobox.Item key={option.id} value={option} className="menu-item block">
                  {option.name}
                  {option.detail !== undefined && (
                    <span className="block text-muted-foreground text-xs">{option.detail}</span>
                  )}
                </Combobox.Item>
              )}
            </Combobox.List>
          </Combobox.Popup>
        </Combobox.Positioner>
      </Combobox.Portal>
    </Combobox.Root>
  );
}

/** Listed places are named in the language of the page, also after it was switched. */
function textOf(
  { placeId, placeText }: Pick<FormValues, "placeId" | "placeText">,
  names: { listed: (id: (typeof PLACE_IDS)[number]) => string; other: string },
): string {
  if (placeId === OTHER_PLACE) return names.other;
  return isListed(placeId) ? names.listed(placeId) : placeText;
}

function statusText(
  { isPending, places, problem }: ReturnType<typeof usePlaceSearch>,
  t: ReturnType<typeof useTranslations<"bazi">>,
): string | null {
  if (isPending) return t("form.placeSearching");
  if (problem !== null) return problem;
  if (places === null) return null;
  return places.length === 0 ? t("form.placeNone") : t("form.placeFound", { count: places.length });
}
