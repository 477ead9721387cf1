import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

interface SourceFile {
  readonly name: string;
  /** Without comments. */
  readonly text: string;
}

let files: readonly SourceFile[];

beforeAll(async () => {
  const names = await readdir(path.join(root, "src"), { recursive: true });
  files = await Promise.all(
    names
      .filter((name) => /\.(ts|tsx|sql)$/.test(name))
      .map(async (name) => ({
        name,
        text: withoutComments(await readFile(path.join(root, "src", name), "utf8"), name),
      })),
  );
});

function withoutComments(text: string, name: string): string {
  return name.endsWith(".sql")
    ? text.replaceAll(/--.*$/gm, "")
    : text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/(?<!:)\/\/.*$/gm, "");
}

/** `file: match` for each match in the source. */
function findAll(pattern: RegExp): string[] {
  return files.flatMap(({ name, text }) =>
    Array.from(text.matchAll(pattern), ([match]) => `${name}: ${match.replaceAll(/\s+/g, " ")}`),
  );
}

describe("the burn order", () => {
  it("is defined in one SQL function", () => {
    expect(
      findAll(
        /\bpriority\b[^;]{0,80}\bexpires_at\b[^;]{0,80}\bpaid\b[^;]{0,80}\bgranted_at\b[^;]{0,40}\bseq\b/g,
      ).filter(isOrder),
    ).toEqual(["ledger/sql/lots.sql: priority, expires_at, paid, granted_at, seq"]);
  });

  it("is not repeated in TypeScript, except by the index", () => {
    expect(findAll(/\w+\.priority\b.{0,80}\.expiresAt/gs)).toEqual([
      "ledger/schema.ts: table.priority, table.expiresAt",
    ]);
  });
});

/** Column lists of inserts name the lot's columns in another order. */
function isOrder(found: string): boolean {
  return /priority( desc)?, \S*expires_at/.test(found);
}

describe("allotment rules", () => {
  it("define the expiry of a late allotment once", () => {
    expect(findAll(/interval '24 hours'/g)).toEqual([
      "ledger/sql/schedules.sql: interval '24 hours'",
    ]);
  });

  it("define month arithmetic once in SQL and once in TypeScript", () => {
    expect(findAll(/make_interval\(months/g)).toEqual([
      "ledger/sql/schedules.sql: make_interval(months",
    ]);
    expect(findAll(/setUTCMonth|getUTCMonth\(\) [+-] (?!1\b)/g)).toEqual([
      "lib/utc-period.ts: getUTCMonth() + ",
      "lib/utc-period.ts: setUTCMonth",
    ]);
  });
});

describe("an idempotency key", () => {
  const key = String.raw`(?:\w+\.)?(?:idempotency_?[kK]ey|\w*_key|\w*[kK]ey)`;

  it("is never parsed in SQL", () => {
    const parsers = new RegExp(
      String.raw`\b(?:substr|substring|split_part|left|right|starts_with|strpos|position|regexp_\w+)\(\s*${key}\b`,
      "g",
    );
    expect(findAll(parsers)).toEqual([]);
    expect(findAll(/\bidempotency_key\s+(?:not\s+)?(?:like|ilike|similar|~)/g)).toEqual([]);
  });

  it("is never parsed in TypeScript", () => {
    const parsers =
      /\b(?:idempotencyKey|paymentId|sourceId)\b\.(?:split|slice|substring|substr|replace|replaceAll|match|matchAll|startsWith|endsWith|indexOf)\(/g;
    expect(findAll(parsers)).toEqual([]);
    expect(findAll(/\.exec\((?:\w+\.)?(?:key|idempotencyKey|paymentId)\)/g)).toEqual([]);
  });
});

describe("the instant of a read", () => {
  it("is defined once, in SQL", () => {
    expect(findAll(/greatest\(p_now, \(select as_of/g)).toEqual([
      "ledger/sql/account.sql: greatest(p_now, (select as_of",
    ]);
  });

  it("is never an application server's raw clock in TypeScript's SQL", () => {
    expect(
      findAll(
        /credits_(?:balance|lots_at|pending_expiries|lot_history|lapsed_parts)\([^()]*,\s*\$\{(?:instant\()?(?:\w+\.)?now\b/g,
      ),
    ).toEqual([]);
  });

  it("is explicit only where an admin reads a user's past", () => {
    const calls =
      /(?<!function\*? )\b(?:getBalance|listLots|searchLedger|getLotHistories|getUsageByMonth|readPendingExpiries|readLedgerPage|ledgerPages|ledgerCsv)\((?:[^()]|\([^()]*\)){0,200}?[{,]\s*at(?:[,:]|\s*\})/g;
    expect(findAll(calls)).toEqual([]);
    expect(findAll(/at === null \? \{ now \} : \{ at \}/g)).toEqual([
      "app/[locale]/(admin)/admin/users/[id]/read-user-page.ts: at === null ? { now } : { at }",
    ]);
  });
});
