import { spawn } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { portFor } from "../../../dev/laptop/free-port";
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from "../../../dev/postgres/embedded-postgres";
import { describeProcess, processesWorkingIn } from "../../../dev/postgres/process-table";
import { runFixture, until } from "../run-fixture";

const passwords = { superuser: "5afe", owner: "5afe", app: "5afe" };
let directory: string;
let running: EmbeddedPostgres | undefined;

const start = async () => {
  running = await startEmbeddedPostgres({ directory, passwords, settings: { fsync: "off" } });
  return running;
};
const dataDirectory = () => path.join(directory, "data");
const pidFile = () => path.join(dataDirectory(), "postmaster.pid");
const serverPid = async () => Number.parseInt(await readFile(pidFile(), "utf8"), 10);
const portOf = (server: EmbeddedPostgres) => Number(new URL(server.appUrl).port);

async function queryValue(url: string, query: string): Promise<string> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    const [row] = await sql.unsafe<{ value: unknown }[]>(query);
    return String(row?.value);
  } finally {
    await sql.end();
  }
}

beforeAll(async () => {
  directory = path.join(await mkdtemp(path.join(tmpdir(), "qiflow dev ")), "postgres");
  // Postgres may run as another user, which has to pass through this directory.
  await mkdir(directory, { recursive: true });
  await chmod(path.dirname(directory), 0o711);
});

afterEach(async () => {
  await running?.stop();
  running = undefined;
});

afterAll(() => rm(path.dirname(directory), { recursive: true, force: true }));

describe("startEmbeddedPostgres", () => {
  it("creates the database and both roles and keeps the data across a restart", async () => {
    const first = await start();
    expect(await queryValue(first.ownerUrl, "select current_user as value")).toBe("qiflow_owner");
    expect(await queryValue(first.appUrl, "select current_user as value")).toBe("qiflow_app");
    await queryValue(first.ownerUrl, "create table kept as select 42 as value");
    await first.stop();
    expect(first.isRunning()).toBe(false);

    const second = await start();
    expect(await queryValue(second.ownerUrl, "select value from kept")).toBe("42");
  });

  it("gives neither role superuser rights and lets the application create nothing", async () => {
    const { superuserUrl, appUrl } = await start();
    const powers = `select bool_or(rolsuper or rolcreaterole or rolcreatedb) as value
    from pg_roles where rolname like 'qiflow%'`;
    expect(await queryValue(superuserUrl, powers)).toBe("false");
    await expect(queryValue(appUrl, "create table mine (id int)")).rejects.toThrow(
      "permission denied",
    );
  });

  it("listens on the loopback interface only and requires a password", async () => {
    const { superuserUrl, appUrl } = await start();
    expect(
      await queryValue(superuserUrl, "select current_setting('listen_addresses') as value"),
    ).toBe("127.0.0.1");
    await expect(queryValue(appUrl.replace("5afe", "0ther"), "select 1 as value")).rejects.toThrow(
      "password authentication failed",
    );
    expect((await stat(dataDirectory())).mode & 0o077).toBe(0);
  });

  it("adopts a server that is already running on its data", async () => {
    const first = await start();
    const pid = await serverPid();
    const second = await start();
    expect(second.appUrl).toBe(first.appUrl);
    expect(await serverPid()).toBe(pid);
  });

  it("stops when its process is killed and keeps the data", async () => {
    const fixture = runFixture("hold-postgres", directory, "5afe");
    await fixture.line("ready");
    const pid = await serverPid();
    await fixture.kill("SIGKILL");
    await until(() => !describeProcess(pid)?.commandLine, "the orphaned server to end");

    expect(await queryValue((await start()).ownerUrl, "select value from kept")).toBe("42");
  });

  it("starts while the server of a killed process is still stopping", async () => {
    const fixture = runFixture("hold-postgres", directory, "5afe");
    await fixture.line("ready");
    await fixture.kill("SIGKILL");
    expect(await queryValue((await start()).ownerUrl, "select value from kept")).toBe("42");
  });

  it("recovers after the server was killed", async () => {
    await start();
    process.kill(await serverPid(), "SIGKILL");
    const next = await start();
    expect(await queryValue(next.ownerUrl, "select value from kept")).toBe("42");
  });

  it("starts despite a pid file whose pid belongs to another process", async () => {
    await (await start()).stop();
    const { uid, gid } = await stat(dataDirectory());
    const other = spawn("sleep", ["60"], { cwd: "/", stdio: "ignore", uid, gid });
    await writeFile(pidFile(), `${other.pid}\n${dataDirectory()}\n1700000000\n5432\n\n127.0.0.1\n`);
    try {
      const next = await start();
      expect(await queryValue(next.ownerUrl, "select value from kept")).toBe("42");
      expect(await serverPid()).not.toBe(other.pid);
      expect(other.exitCode).toBeNull();
    } finally {
      other.kill();
    }
  });

  it("takes the next port when its own is taken", async () => {
    const own = portFor(directory);
    const foreign = createServer().listen(own, "127.0.0.1");
    try {
      expect(portOf(await start())).toBeGreaterThan(own);
    } finally {
      foreign.close();
    }
  });

  it("explains what to do when the password was lost", async () => {
    await start();
    const other = { ...passwords, superuser: "f0r607" };
    await expect(startEmbeddedPostgres({ directory, passwords: other })).rejects.toThrow(
      /secrets beside it were lost/,
    );
  });

  it("leaves no process behind", async () => {
    await (await start()).stop();
    expect(processesWorkingIn(dataDirectory())).toEqual([]);
  });
});
