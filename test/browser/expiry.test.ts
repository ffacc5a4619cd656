import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { choose, look, save, startBrowser, type Started } from "./browser.js";

/** Until when a key works, and whether. */
let started: Started;

beforeAll(async () => {
  started = await startBrowser();
});
afterAll(() => started?.stop());
beforeEach(() => started.raster.reset());

const organizationId = "monogram-labs";
const VIEWER = "{ viewer { libraries { access } } }";
const MADRID = { timezoneId: "Europe/Madrid" };

/** A window on a key with Read on Barcelona, opened. */
async function openKey(options = {}, browser = {}) {
  const made = await started.raster.apiKeys.create({
    organizationId,
    name: "Website",
    access: { barcelona: "read" },
    ...options,
  });
  const { page, complaints } = await started.open("Monogram Labs", browser);
  await page.getByRole("button", { name: "Manage Website" }).click();
  await page.getByRole("radiogroup", { name: "Access to Porto" }).waitFor();
  const ref = { organizationId, id: made.apiKey.id };
  const stored = async () => (await started.raster.apiKeys.get(ref))!;
  const status = async () => (await started.raster.send({ key: made.key, query: VIEWER })).status;
  return { page, complaints, stored, status };
}

const expires = (page: Page) => page.getByLabel("Expires", { exact: true });
const never = (page: Page) => page.getByRole("checkbox", { name: "Never expires" });

it("ends with a day where the browser is, which is said, and never ends again", async () => {
  const { page, complaints, stored } = await openKey({}, MADRID);
  expect(await never(page).isChecked()).toBe(true);
  await page.getByText("in the time zone Europe/Madrid").waitFor();
  await expires(page).fill("2099-01-31");
  expect(await never(page).isChecked()).toBe(false);
  await page.getByText("Works until Jan 31, 2099, 11:59:59 PM GMT+1 (Europe/Madrid).").waitFor();
  await choose(page, "Porto", "Write");
  await page.getByText("Unsaved changes: 2").waitFor();
  await look(page, "expiry-unsaved");
  await save(page);
  expect(await stored()).toMatchObject({
    expiresAtMs: Date.parse("2099-01-31T22:59:59.000Z"),
    access: { barcelona: "read", porto: "write" },
    version: 2,
  });
  await page.getByText("Expires Jan 31, 2099").waitFor();

  await never(page).check();
  expect(await expires(page).inputValue()).toBe("");
  await save(page);
  expect(await stored()).toMatchObject({ expiresAtMs: null, version: 3 });
  expect(complaints).toEqual([]);
});

it("takes no day that is over and no half of one, and says so at the field", async () => {
  const { page, stored } = await openKey();
  await expires(page).fill("2020-01-31");
  await page.getByText("Refused since Jan 31, 2020").waitFor();
  await page.getByRole("button", { name: "Save changes" }).click();
  await page.getByRole("alert").getByText("That day is over.").waitFor();
  await expect.poll(() => expires(page).evaluate((field) => field.matches(":focus"))).toBe(true);
  expect(await expires(page).getAttribute("aria-invalid")).toBe("true");
  await look(page, "expiry-past");

  // Half a date, typed: to the browser it is an empty field.
  await never(page).check();
  await expires(page).press("1");
  await page.keyboard.press("Tab");
  await page.getByRole("textbox", { name: "Name" }).fill("Blog");
  await page.getByRole("button", { name: "Save changes" }).click();
  await page.getByRole("alert").getByText("Choose the day on which it expires").waitFor();
  expect(await stored()).toMatchObject({ name: "Website", version: 1 });

  // A box that is cleared without a day is not "never" either.
  await never(page).check();
  await never(page).uncheck();
  await page.getByRole("button", { name: "Save changes" }).click();
  await page.getByRole("alert").getByText("Choose the day on which it expires").waitFor();
  await never(page).check();
  await save(page);
  expect(await stored()).toMatchObject({ name: "Blog", expiresAtMs: null, version: 2 });
});

it("works to the end of today", async () => {
  const { page, stored, status } = await openKey();
  const today = await page.evaluate(() => {
    const now = new Date();
    const [month, day] = [now.getMonth() + 1, now.getDate()].map((n) => String(n).padStart(2, "0"));
    return `${now.getFullYear()}-${month}-${day}`;
  });
  await expires(page).fill(today);
  await save(page);
  expect((await stored()).expiresAtMs).toBeGreaterThan(Date.now());
  expect(await status()).toBe(200);
});

it("leaves a time of day alone that was set elsewhere", async () => {
  const expiresAtMs = Date.parse("2099-06-15T12:34:56.789Z");
  const { page, stored } = await openKey({ expiresAtMs });
  expect(await expires(page).inputValue()).toMatch(/^2099-06-1[56]$/);
  await expires(page).focus();
  await page.keyboard.press("Tab");
  await page.getByRole("textbox", { name: "Name" }).fill("Blog");
  await page.getByText("Unsaved changes: 1").waitFor();
  await save(page);
  expect(await stored()).toMatchObject({ name: "Blog", expiresAtMs });
});

it("shows an expired key, which a later day brings back", async () => {
  const { page, status } = await openKey({ expiresAtMs: Date.now() + 1500 });
  await expect.poll(status, { timeout: 10_000 }).toBe(401);
  await page.reload();
  await page.getByRole("row", { name: "Website" }).getByText("Expired").waitFor();
  await look(page, "expired-list");
  await page.getByRole("button", { name: "Manage Website" }).click();
  await page.getByText("Refused since").waitFor();
  await look(page, "expired");

  // What does not touch its expiry can be saved all the same.
  await page.getByRole("textbox", { name: "Name" }).fill("Blog");
  await save(page);
  expect(await status()).toBe(401);
  await expires(page).fill("2099-01-31");
  await save(page);
  expect(await status()).toBe(200);
});

it("is disabled at once, after it was said what stops, and enabled again", async () => {
  const { page, stored, status } = await openKey();
  expect(await status()).toBe(200);
  await page.getByRole("button", { name: "Disable key" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Barcelona: Read").waitFor();
  await look(page, "disable");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  expect(await status()).toBe(200);

  await page.getByRole("button", { name: "Disable key" }).click();
  await dialog.getByRole("button", { name: "Disable key" }).click();
  await page.getByText("Disabled. It is refused from now on.").waitFor();
  expect(await status()).toBe(401);
  await look(page, "disabled");
  await page.getByRole("button", { name: "Enable key" }).click();
  await page.getByText("Enabled. It works again.").waitFor();
  expect(await status()).toBe(200);
  expect(await stored()).toMatchObject({ enabled: true, version: 3 });
});

it("shows what somebody else did to both", async () => {
  const { page, stored } = await openKey({}, MADRID);
  await expires(page).fill("2099-01-31");
  const { id } = await stored();
  const expiresAtMs = Date.parse("2098-01-31T22:59:59.000Z");
  await started.raster.apiKeys.update({ organizationId, id }, { enabled: false, expiresAtMs });
  await page.getByRole("button", { name: "Save changes" }).click();
  await page.getByText("State: Enabled → Disabled").waitFor();
  await page.getByRole("radio", { name: "Yours: Jan 31, 2099, 11:59:59 PM GMT+1" }).check();
  await look(page, "conflict-expiry");
  await page.getByRole("button", { name: "Go on with these values" }).click();
  await save(page);
  expect(await stored()).toMatchObject({
    enabled: false,
    expiresAtMs: Date.parse("2099-01-31T22:59:59.000Z"),
  });
});
