import { invalid, type StripeFault } from "./fault";
import type { FormTree } from "./form";

/**
 * A request's parameters. Each is read by name with its type; `finish` then refuses every one
 * that nobody asked for, which is how Stripe treats parameters it does not know.
 */
export class Params {
  private readonly seen = new Set<string>();
  private readonly children: Params[] = [];

  constructor(
    private readonly tree: FormTree,
    private readonly prefix = "",
  ) {}

  has(name: string): boolean {
    return this.tree.has(name);
  }

  isGroup(name: string): boolean {
    return typeof this.tree.get(name) === "object";
  }

  string(name: string): string | undefined {
    this.seen.add(name);
    const value = this.tree.get(name);
    if (value !== undefined && typeof value !== "string") {
      throw invalid(`Invalid string: ${this.named(name)}`, this.named(name));
    }
    return value;
  }

  required(name: string): string {
    const value = this.string(name);
    if (value === undefined || value === "") {
      throw parameterMissing(this.named(name));
    }
    return value;
  }

  /** An empty string clears the field. */
  clearable(name: string): string | null | undefined {
    const value = this.string(name);
    return value === "" ? null : value;
  }

  integer(name: string): number | undefined {
    const value = this.string(name);
    if (value === undefined) {
      return undefined;
    }
    if (!/^-?\d{1,15}$/.test(value)) {
      throw invalid(`Invalid integer: ${value}`, this.named(name), "parameter_invalid_integer");
    }
    return Number(value);
  }

  boolean(name: string): boolean | undefined {
    const value = this.oneOf(name, ["true", "false"]);
    return value === undefined ? undefined : value === "true";
  }

  oneOf<T extends string>(name: string, choices: readonly T[]): T | undefined {
    const value = this.string(name);
    const chosen = choices.find((choice) => choice === value);
    if (value !== undefined && chosen === undefined) {
      const message = `Invalid ${this.named(name)}: must be one of ${choices.join(", ")}`;
      throw invalid(message, this.named(name));
    }
    return chosen;
  }

  url(name: string): string | undefined {
    const value = this.string(name);
    if (value !== undefined && !isWebAddress(value)) {
      throw invalid("Not a valid URL", this.named(name), "url_invalid");
    }
    return value;
  }

  child(name: string): Params | undefined {
    this.seen.add(name);
    const value = this.tree.get(name);
    if (value === undefined || value === "") {
      return undefined;
    }
    if (typeof value === "string") {
      throw invalid(`Invalid object: ${this.named(name)}`, this.named(name));
    }
    const child = new Params(value, this.named(name));
    this.children.push(child);
    return child;
  }

  list(name: string): Params[] {
    const group = this.child(name);
    return group === undefined
      ? []
      : [...group.tree.keys()].flatMap((key) => group.child(key) ?? []);
  }

  strings(name: string): string[] {
    const group = this.child(name);
    return group === undefined
      ? []
      : [...group.tree.keys()].flatMap((key) => group.string(key) ?? []);
  }

  /** Key and value pairs; an empty value unsets its key, an empty group unsets all (null). */
  metadata(name = "metadata"): Record<string, string> | null | undefined {
    if (this.tree.get(name) === "") {
      this.seen.add(name);
      return null;
    }
    const group = this.child(name);
    if (group === undefined) {
      return undefined;
    }
    const entries = [...group.tree.keys()].map((key): [string, string] => [
      key,
      group.string(key) ?? "",
    ]);
    checkMetadata(entries, this.named(name));
    return Object.fromEntries(entries);
  }

  named(name: string): string {
    return this.prefix === "" ? name : `${this.prefix}[${name}]`;
  }

  /** Refuses what nobody read. */
  finish(): void {
    for (const name of this.tree.keys()) {
      if (!this.seen.has(name)) {
        const param = this.named(name);
        throw invalid(`Received unknown parameter: ${param}`, param, "parameter_unknown");
      }
    }
    for (const child of this.children) {
      child.finish();
    }
  }
}

export function parameterMissing(param: string): StripeFault {
  return invalid(`Missing required param: ${param}.`, param, "parameter_missing");
}

/** Stripe's limits: 50 keys of 40 characters, values of 500. */
function checkMetadata(entries: [string, string][], param: string): void {
  if (entries.length > 50) {
    throw invalid(`Metadata can have up to 50 keys, but you passed in ${entries.length}.`, param);
  }
  for (const [key, value] of entries) {
    if (key.length > 40) {
      throw invalid(`Metadata keys can have up to 40 characters: '${key}'.`, param);
    }
    if (value.length > 500) {
      throw invalid(`Metadata values can have up to 500 characters: '${key}'.`, param);
    }
  }
}

function isWebAddress(value: string): boolean {
  const url = parseUrl(value);
  return url !== null && (url.protocol === "http:" || url.protocol === "https:");
}

function parseUrl(value: string): URL | null {
  try {
    return new URL(value);
  } catch {
    return null;
  }
}
