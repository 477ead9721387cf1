import { expect, test } from "@playwright/test";
import { LOCALES, Visitor } from "./visitor";

for (const locale of LOCALES) {
  test(`the API page shows every operation, in the site's theme and from the site alone (${locale})`, async ({
    page,
    baseURL,
  }) => {
    const foreign: string[] = [];
    const problems: string[] = [];
    page.on("request", (request) => {
      const isOwn = request.url().startsWith(baseURL ?? "") || /^(data|blob):/.test(request.url());
      if (!isOwn) foreign.push(request.url());
    });
    page.on("console", (message) => {
      if (message.type() === "error") problems.push(message.text());
    });
    await page.emulateMedia({ colorScheme: "dark" });
    await new Visitor(page, locale).open("/docs/api");
    const reference = page.locator(".api-reference");
    await expect(reference.getByRole("heading", { name: "Spend credits" })).toBeAttached();
    await expect(page.locator("body")).toHaveClass(/dark-mode/);
    await expect(page.locator("body")).not.toHaveClass(/light-mode/);
    await expect(page.getByText("createClient").first()).toBeVisible();
    expect(foreign).toEqual([]);
    expect(problems).toEqual([]);
  });
}
