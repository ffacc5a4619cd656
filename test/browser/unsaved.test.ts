import { setTimeout } from "node:timers/promises";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { choose, done, generate, look, save, startBrowser, type Started } from "./browser.js";

/** What was not saved: kept wherever one goes in the section, guarded, and given up only when somebody says so. */
let started: Started;

beforeAll(async () => {
  started = await startBrowser();
});
afterAll(() => started?.stop());
beforeEach(() => started.raster.reset());

const organizationId = "monogram-labs";

/** A window on two keys, Website and Robot. */
async function openList() {
  const { apiKeys } = started.raster;
  for (const name of ["Website", "Robot"]) {
    await apiKeys.create({ organizationId, name, access: { barcelona: "read" } });
    await setTimeout(2); // the older one comes first
  }
  return started.open();
}

const manage = (page: Page, name: string) =>
  page.getByRole("button", { name: `Manage ${name}` }).click();
const back = (page: Page) => page.getByRole("button", { name: "All keys" }).click();
const row = (page: Page, name: string) => page.getByRole("row", { name });
const unsaved = (page: Page) =>
  page.evaluate(() => document.querySelector("api-keys-settings")!.hasUnsavedChanges);

it("is kept for each key, and seen in the list, while one moves between them", async () => {
  const { page } = await openList();
  await manage(page, "Website");
  await choose(page, "Porto", "Write");
  await back(page);
  await page.getByRole("status").getByText("Your changes to Website are kept here").waitFor();
  await row(page, "Website").getByText("Unsaved changes").waitFor();
  expect(await row(page, "Robot").getByText("Unsaved changes").count()).toBe(0);
  await look(page, "unsaved-list");

  await manage(page, "Robot");
  await page.getByRole("textbox", { name: "Name" }).fill("Crawler");
  await back(page);
  await row(page, "Robot").getByText("Unsaved changes").waitFor();
  expect(await unsaved(page)).toBe(true);

  await manage(page, "Website");
  await page.getByText("Unsaved changes: 1").waitFor();
  await save(page);
  await back(page);
  expect(await row(page, "Website").getByText("Unsaved changes").count()).toBe(0);
  await manage(page, "Robot");
  expect(await page.getByRole("textbox", { name: "Name" }).inputValue()).toBe("Crawler");
  await save(page);
  expect(await unsaved(page)).toBe(false);
  const { apiKeys } = await started.raster.apiKeys.list({ organizationId });
  expect(apiKeys.map(({ name, access, version }) => ({ name, access, version }))).toEqual([
    { name: "Website", access: { barcelona: "read", porto: "write" }, version: 2 },
    { name: "Crawler", access: { barcelona: "read" }, version: 2 },
  ]);
});

it("is given up only when somebody says so, twice", async () => {
  const { page } = await openList();
  await manage(page, "Website");
  await choose(page, "Porto", "Write");
  await page.getByRole("textbox", { name: "Name" }).fill("Blog");
  await page.getByRole("button", { name: "Discard changes" }).click();
  await page.getByRole("heading", { name: "Discard unsaved changes?" }).waitFor();
  await look(page, "discard");
  await page.keyboard.press("Escape");
  await page.getByText("Unsaved changes: 2").waitFor();
  await page.getByRole("button", { name: "Discard changes" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Discard changes" }).click();
  await page.getByText("Unsaved changes").waitFor({ state: "detached" });
  expect(await page.getByRole("textbox", { name: "Name" }).inputValue()).toBe("Website");
  const porto = page.getByRole("radiogroup", { name: "Access to Porto" });
  expect(await porto.getByRole("radio", { name: "None" }).isChecked()).toBe(true);
  await back(page);
  expect(await unsaved(page)).toBe(false);
});

it("guards the page, also from the list, until it is saved", async () => {
  const { page } = await openList();
  let asked = 0;
  page.on("dialog", (dialog) => {
    asked += dialog.type() === "beforeunload" ? 1 : 0;
    void dialog.dismiss();
  });
  const leave = () => page.evaluate(() => location.reload());
  await manage(page, "Website");
  await choose(page, "Porto", "Read");
  await leave();
  await expect.poll(() => asked).toBe(1);
  await back(page);
  await leave();
  await expect.poll(() => asked).toBe(2);
  await manage(page, "Website");
  await save(page);
  await leave();
  await page.getByRole("button", { name: "Manage Website" }).waitFor();
  expect(asked).toBe(2);
});

it("stays on top of a regenerated and a disabled key, and goes with a deleted one", async () => {
  const { page } = await openList();
  await manage(page, "Website");
  await choose(page, "Porto", "Write");
  for (const what of ["Regenerate key", "Disable key"]) {
    await page.getByRole("button", { name: what }).click();
    await page.getByRole("dialog").getByRole("button", { name: what }).click();
    if (what === "Regenerate key") await done(page);
    await page.getByText("Unsaved changes: 1").waitFor();
  }
  await page.getByText("Disabled. It is refused from now on.").waitFor();
  await save(page);
  const { apiKeys } = await started.raster.apiKeys.list({ organizationId });
  expect(apiKeys[0]).toMatchObject({ access: { porto: "write" }, enabled: false, version: 4 });
  await page.getByRole("textbox", { name: "Name" }).fill("Blog");
  await page.getByRole("button", { name: "Delete key" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete key" }).click();
  await page.getByText("Website was deleted.").waitFor();
  expect(await unsaved(page)).toBe(false);
});

it("is there again when a new key was made meanwhile", async () => {
  const { page } = await openList();
  await manage(page, "Website");
  await choose(page, "Porto", "Write");
  await back(page);
  await generate(page, "Phone");
  await done(page);
  await back(page);
  await row(page, "Website").getByText("Unsaved changes").waitFor();
});

it("is saved in one request, which another's change refuses whole", async () => {
  const { page } = await openList();
  await manage(page, "Website");
  await page.getByRole("textbox", { name: "Name" }).fill(" Blog ");
  await choose(page, "Porto", "Write");
  const { apiKeys: before } = await started.raster.apiKeys.list({ organizationId });
  const ref = { organizationId, id: before[0]!.id };
  await started.raster.apiKeys.grant(ref, { libraryId: "lisbon", level: "read" });
  const sent: string[] = [];
  page.on("request", (request) => sent.push(request.postData() ?? ""));
  await page.getByRole("button", { name: "Save changes" }).click();
  await page.getByRole("heading", { name: "Someone else changed this key" }).waitFor();
  expect(await started.raster.apiKeys.get(ref)).toMatchObject({
    name: "Website",
    access: { barcelona: "read", lisbon: "read" },
    version: 2,
  });

  // Left in the middle of it, and as it was on the way back.
  await back(page);
  await row(page, "Website").getByText("Unsaved changes").waitFor();
  await manage(page, "Website");
  await page.getByRole("button", { name: "Go on with these values" }).click();
  await page.getByText("Unsaved changes: 2").waitFor();
  await save(page);
  expect(sent).toHaveLength(2);
  expect(await started.raster.apiKeys.get(ref)).toMatchObject({
    name: "Blog",
    access: { barcelona: "read", lisbon: "read", porto: "write" },
    version: 3,
  });
});
