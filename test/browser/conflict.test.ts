import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { choose, done, generate, look, save, startBrowser, type Started } from "./browser.js";

/** Two windows that edit one key. */
let started: Started;

beforeAll(async () => {
  started = await startBrowser();
});
afterAll(() => started?.stop());
beforeEach(() => started.raster.reset());

/** The only key, as the store has it. */
async function stored() {
  const { apiKeys } = await started.raster.apiKeys.list({ organizationId: "monogram-labs" });
  return apiKeys[0];
}

/** Two windows on one key with Read on Barcelona. */
async function openTwice() {
  await started.raster.createKey({ barcelona: "read" });
  const windows = [await started.open(), await started.open()] as const;
  for (const { page } of windows) await page.getByRole("button", { name: "Manage Test" }).click();
  return [windows[0].page, windows[1].page] as const;
}

it("shows what both changed, and overwrites and loses nothing", async () => {
  const [one, two] = await openTwice();
  await choose(one, "Barcelona", "Write");
  await choose(one, "Porto", "Read");
  await save(one);

  await two.getByRole("textbox", { name: "Name" }).fill("Website");
  await choose(two, "Barcelona", "None");
  await choose(two, "Lisbon", "Read");
  await two.getByRole("button", { name: "Save changes" }).click();
  await two.getByRole("heading", { name: "Someone else changed this key" }).waitFor();
  expect((await stored())?.access).toEqual({ barcelona: "write", porto: "read" });
  await two.getByText("Porto: None → Read").waitFor();
  await look(two, "conflict");
  await two.setViewportSize({ width: 360, height: 740 });
  await look(two, "narrow-conflict");
  expect(await two.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  await two.setViewportSize({ width: 1100, height: 800 });

  await two.getByRole("button", { name: "Go on with these values" }).click();
  await two.getByText("Decide every line first.").waitFor();
  await look(two, "conflict-undecided");
  await two.getByRole("radio", { name: "Theirs: Write" }).check();
  await two.getByRole("button", { name: "Go on with these values" }).click();
  await two.getByText("Look it over, then save.").waitFor();
  await look(two, "conflict-resolved");
  await save(two);
  expect(await stored()).toMatchObject({
    name: "Website",
    access: { barcelona: "write", lisbon: "read", porto: "read" },
  });
});

it.each(["Regenerate key", "Delete key"])("%s: not when it was changed meanwhile", async (what) => {
  const [one, two] = await openTwice();
  await choose(one, "Porto", "Read");
  await save(one);
  const before = await stored();

  await two.getByRole("button", { name: what }).click();
  await two.getByRole("dialog").getByRole("button", { name: what }).click();
  await two.getByText("Nothing was done. You see it as it is now.").waitFor();
  expect(await stored()).toEqual(before);
  const porto = two.getByRole("radiogroup", { name: "Access to Porto" });
  expect(await porto.getByRole("radio", { name: "Read" }).isChecked()).toBe(true);
  await look(two, "changed-elsewhere");
});

it("says that a key was deleted by someone else, and goes back to the list", async () => {
  const [one, two] = await openTwice();
  await one.getByRole("button", { name: "Delete key" }).click();
  await one.getByRole("dialog").getByRole("button", { name: "Delete key" }).click();
  await one.getByText("Test was deleted.").waitFor();

  await choose(two, "Porto", "Read");
  await two.getByRole("button", { name: "Save changes" }).click();
  await two.getByText("Someone else deleted Test in the meantime.").waitFor();
  await two.getByRole("heading", { name: "No API keys yet" }).waitFor();
  await look(two, "deleted-elsewhere");
});

it("makes one key of one form, also when the first answer is lost", async () => {
  const { page } = await started.open();
  await page.getByRole("button", { name: "Generate key" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Name" }).fill("Website");
  // The request arrives, its answer does not.
  await page.route("**/settings/graphql", async (route) => {
    await route.fetch();
    await route.abort();
  });
  await dialog.getByRole("button", { name: "Generate key" }).click();
  await dialog.getByText("The server could not be reached.").waitFor();
  await page.unroute("**/settings/graphql");
  await dialog.getByRole("button", { name: "Generate key" }).click();
  await page.getByText("An earlier attempt made this key").waitFor();
  await look(page, "issued-before");
  const { apiKeys } = await started.raster.apiKeys.list({ organizationId: "monogram-labs" });
  expect(apiKeys.map(({ name }) => name)).toEqual(["Website"]);

  // Another form is another key, even of the same name.
  await page.getByRole("button", { name: "All keys" }).click();
  await generate(page, "Website");
  await done(page);
});
