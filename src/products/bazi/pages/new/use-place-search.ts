"use client";

import { useEffect, useRef, useState } from "react";
import { useServerAction } from "@/components/use-server-action";
import { searchPlacesAction } from "../../actions";
import type { CityText } from "../../gazetteer/describe-city";

/** Long enough that typing a name sends one or two searches. */
const DELAY_MS = 150;

/** Results of this page by query, so that a letter typed again asks nothing. */
const known = new Map<string, readonly CityText[]>();

/**
 * Searches for what is typed, after a pause. `places` is null while nothing is searched for, and keeps
 * the last result while a search is pending. `problem` is the sentence for a search that failed.
 */
export function usePlaceSearch() {
  const { run } = useServerAction();
  const [places, setPlaces] = useState<readonly CityText[] | null>(null);
  const [isPending, setPending] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const latest = useRef("");
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  const show = (result: { places: readonly CityText[] | null; problem: string | null }) => {
    setPending(false);
    setPlaces(result.places);
    setProblem(result.problem);
  };

  const search = async (query: string) => {
    const { data, failure } = await run((renderedFor) =>
      searchPlacesAction(renderedFor, { query }),
    );
    if (data !== undefined) known.set(query, data);
    if (latest.current === query) show({ places: data ?? [], problem: failure?.text ?? null });
  };

  const find = (typed: string) => {
    clearTimeout(timer.current);
    const query = typed.trim();
    latest.current = query;
    const places = query === "" ? null : known.get(query);
    if (places !== undefined) return show({ places, problem: null });
    setPending(true);
    timer.current = setTimeout(() => void search(query), DELAY_MS);
  };

  return { places, isPending, problem, find, clear: () => find("") };
}
