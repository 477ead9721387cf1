import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { jsonText } from "@/accounts/personal-export";
import { getFeature } from "@/catalog/items";
import { product } from "@/product/current";
import { birthInputSchema } from "@/products/bazi/birth/input";
import { createReading } from "@/products/bazi/create-reading";
import { createUser, grantLot, NOW } from "../notifications/notification-fixture";
import { birthLike } from "../products/bazi/births";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { textOf } from "../support/text-of";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const ROUTES = "src/app/[locale]/(app)/(product)";

async function exportOf(userId: string) {
  return JSON.parse(await textOf(jsonText(product.exportRecords(database.db, userId))));
}

describe("the current product", () => {
  it("charges features of the catalogue", () => {
    const sources = Object.values(product.sources);
    for (const feature of [product.feature, ...sources.map((source) => source.feature)]) {
      expect(getFeature(feature).cost).toBeGreaterThan(0);
    }
  });

  it("has a page for every navigation entry", () => {
    for (const { href } of product.navigation) {
      expect(existsSync(`${ROUTES}${href}`), href).toBe(true);
    }
  });

  it("creates, exports and erases the records of one user and keeps those of another", async () => {
    const { db } = database;
    const [leaving, staying] = [await createUser(database), await createUser(database)];
    const birth = birthInputSchema.parse(birthLike());
    for (const userId of [leaving, staying]) {
      await grantLot(database, { userId, credits: 100, expiresAt: null });
      await db.transaction((tx) => product.createRecords(tx, { userId, now: NOW }));
      const readingId = crypto.randomUUID();
      await createReading(db, { userId, readingId, birth, keepInProfile: true }, () => NOW);
    }
    expect(await exportOf(leaving)).toMatchObject({
      savedBirth: { name: birth.name },
      readings: [{ name: birth.name, createdAt: NOW.toISOString() }],
    });

    await db.transaction((tx) => product.eraseRecords(tx, leaving));
    expect(await exportOf(leaving)).toEqual({ savedBirth: null, readings: [] });
    expect((await exportOf(staying)).readings).toHaveLength(1);
  });
});
