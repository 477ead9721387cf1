import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { migrateDatabase } from "@/db/migrate";
import { requestCluster } from "../support/database";

const GUIDE = new URL("../../docs/deploy.md", import.meta.url);
const id = randomBytes(6).toString("hex");
const password = randomBytes(12).toString("hex");
const admin = `admin_${id}`;
/** The guide's names, with names of this test, because roles belong to the whole server. */
const NAMES = new Map([
  ["qiflow_owner", `owner_${id}`],
  ["qiflow_app", `app_${id}`],
  ["qiflow", `guide_${id}`],
  ["…", password],
]);

let superuser: postgres.Sql;
/** Leads to the database that the guide creates, as one of the roles. */
let urlOf: (role: string) => string;

beforeAll(async () => {
  const { superuserUrl } = await requestCluster();
  superuser = postgres(superuserUrl, { max: 1, onnotice: () => {} });
  urlOf = (role) => {
    const url = new URL(superuserUrl);
    url.username = role;
    url.password = password;
    url.pathname = role === admin ? url.pathname : `/${NAMES.get("qiflow")}`;
    return url.href;
  };
  await superuser.unsafe(`create role ${admin} login createrole createdb password '${password}'`);
});

afterAll(async () => {
  await superuser.unsafe(`drop database if exists ${NAMES.get("qiflow")} with (force)`);
  for (const role of ["qiflow_app", "qiflow_owner"])
    await superuser.unsafe(`drop role if exists ${NAMES.get(role)}`);
  await superuser.unsafe(`drop role ${admin}`);
  await superuser.end();
});

describe("the deploy guide", () => {
  it("creates the roles and the database as an administrator who is not a superuser", async () => {
    const text = await readFile(GUIDE, "utf8");
    const block = /```sql\n(.*?)```/s.exec(text)?.[1] ?? "";
    const statements = block.replaceAll(/qiflow_owner|qiflow_app|qiflow|…/g, (name) =>
      String(NAMES.get(name)),
    );
    await withClient(urlOf(admin), async (sql) => {
      for (const statement of statements.split(";").map((one) => one.trim()))
        if (statement !== "") await sql.unsafe(statement);
    });

    const [owner, app] = [String(NAMES.get("qiflow_owner")), String(NAMES.get("qiflow_app"))];
    await migrateDatabase({ ownerUrl: urlOf(owner), appRole: app });
    await withClient(urlOf(app), async (sql) => {
      await sql`select credits_grant('user_1', 'key', 5, 'DAILY_SIGNIN', 'test', null, false, 0, now())`;
      await expect(sql`delete from credit_transaction`).rejects.toThrow("permission denied");
    });
  });
});

async function withClient(url: string, work: (sql: postgres.Sql) => Promise<void>): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await work(sql);
  } finally {
    await sql.end();
  }
}
