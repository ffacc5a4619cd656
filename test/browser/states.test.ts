import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import {
  choose,
  done,
  generate,
  look,
  save,
  startBrowser,
  violations,
  type Started,
} from "./browser.js";

/** What is seen when not all is well, and when there is much of it. */
let started: Started;

beforeAll(async () => {
  started = await startBrowser();
});
afterAll(() => started?.stop());
beforeEach(() => started.raster.reset());

const GRAPHQL = "**/settings/graphql";

/** A window on a key with Read on Barcelona, opened. */
async function openKey() {
  await started.raster.createKey({ barcelona: "read" });
  const window = await started.open();
  await window.page.getByRole("button", { name: "Manage Test" }).click();
  await window.page.getByRole("radiogroup", { name: "Access to Porto" }).waitFor();
  return window;
}

it("finds a violation where there is one", async () => {
  const { page } = await openKey();
  await page.evaluate(() => {
    const { shadowRoot } = document.querySelector("api-keys-settings")!;
    shadowRoot!.querySelector("label[for=name]")!.remove();
  });
  expect(await violations(page)).toContainEqual(expect.stringMatching(/^label: .*#name/));
});

it("says that it loads, that it failed, and tries again", async () => {
  const { page, context } = await started.open();
  let answer = () => {};
  const asked = new Promise<void>((resolve) => (answer = resolve));
  await page.route(GRAPHQL, async (route) => {
    await asked;
    await route.continue();
  });
  await page.reload();
  await page.getByText("Loading API keys…").waitFor();
  await look(page, "loading");
  await context.setOffline(true);
  answer();
  await page.getByText("The server could not be reached.").waitFor();
  await look(page, "failed");
  await context.setOffline(false);
  await page.unroute(GRAPHQL);
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("heading", { name: "No API keys yet" }).waitFor();
});

it("says that nobody may manage there, and what else is missing", async () => {
  const { page } = await started.open();
  await page.evaluate(() => {
    document.querySelector("api-keys-settings")!.organization = "acme-co";
  });
  await page.getByText("You may not manage the API keys of this organization.").waitFor();
  await look(page, "forbidden");

  // Libraries fail where keys do not.
  await started.raster.createKey({ barcelona: "write" });
  await page.route(GRAPHQL, (route) =>
    route.request().postData()?.includes("apiKeyLibraries") ? route.abort() : route.continue(),
  );
  await page.reload();
  await page.getByRole("button", { name: "Manage Test" }).click();
  await page.getByRole("alert").getByText("The server could not be reached.").waitFor();
  expect(await page.getByText("No longer exists").count()).toBe(0);
  await look(page, "libraries-failed");
  await page.unroute(GRAPHQL);
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("radiogroup", { name: "Access to Porto" }).waitFor();

  // A change on its way: nothing else can be pressed, and nothing is lost.
  let answer = () => {};
  const asked = new Promise<void>((resolve) => (answer = resolve));
  await page.route(GRAPHQL, async (route) => {
    await asked;
    await route.continue();
  });
  await choose(page, "Porto", "Write");
  await page.getByRole("button", { name: "Save changes" }).click();
  await page.getByRole("button", { name: "Saving…" }).waitFor();
  for (const name of ["All keys", "Saving…"]) {
    await page.getByRole("button", { name }).click({ force: true });
  }
  await look(page, "saving");
  answer();
  await page.getByText("Saved. It counts from now on.").waitFor();
  const { apiKeys } = await started.raster.apiKeys.list({ organizationId: "monogram-labs" });
  expect(apiKeys[0]).toMatchObject({ version: 2, access: { barcelona: "write", porto: "write" } });
});

it("stays where it is while it works, however often Escape is pressed", async () => {
  const { page } = await openKey();
  let answer = () => {};
  const asked = new Promise<void>((resolve) => (answer = resolve));
  await page.route(GRAPHQL, async (route) => {
    await asked;
    await route.fulfill({ status: 503, json: { errors: [{ message: "Down." }] } });
  });
  await page.getByRole("button", { name: "Regenerate key" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Regenerate key" }).click();
  await dialog.getByRole("button", { name: "One moment…" }).waitFor();
  for (let i = 0; i < 6; i++) await page.keyboard.press("Escape");
  answer();
  await dialog.getByRole("alert").getByText("The server could not do it").waitFor();
});

it("keeps what was entered when the server cannot be reached or nobody is signed in", async () => {
  const { page, context } = await openKey();
  await choose(page, "Porto", "Write");
  await context.setOffline(true);
  await page.getByRole("button", { name: "Save changes" }).click();
  await page.getByText("The server could not be reached.").waitFor();
  await look(page, "save-failed");
  await context.setOffline(false);

  const cookies = await context.cookies();
  await context.clearCookies();
  await page.getByRole("button", { name: "Save changes" }).click();
  await page.getByText("You are signed out.").waitFor();
  await look(page, "signed-out");
  await context.addCookies(cookies);
  await save(page);
});

it("is usable with hundreds of libraries", async () => {
  const { data } = started.raster;
  for (let number = 1; number <= 1200; number++) {
    data.addLibrary("monogram-labs", `campaign-${number}`, `Campaign ${number}`);
  }
  const { page } = await openKey();
  await look(page, "many-libraries");
  const rows = page.getByRole("radiogroup");
  expect(await rows.count()).toBe(100);
  await page.getByRole("searchbox", { name: "Search libraries" }).fill("campaign-120");
  await page.getByText("Libraries shown: 2").waitFor({ state: "attached" });
  expect(await rows.count()).toBe(2);
  await page
    .getByRole("group", { name: "Set all 2 shown to" })
    .getByRole("button", { name: "Read" })
    .click();
  await look(page, "search");
  await page.getByRole("searchbox").fill("nowhere");
  await page.getByText("No library matches.").waitFor();
  await look(page, "search-nothing");
  await page.getByRole("searchbox").fill("");
  await page.getByRole("checkbox", { name: "With access only" }).check();
  expect(await rows.count()).toBe(3);
  await save(page);
  const { apiKeys } = await started.raster.apiKeys.list({ organizationId: "monogram-labs" });
  expect(apiKeys[0]?.access).toEqual({
    barcelona: "read",
    "campaign-120": "read",
    "campaign-1200": "read",
  });
});

it("shows many keys, disabled and expiring ones, on wide and narrow screens", async () => {
  const { apiKeys } = started.raster;
  const organizationId = "monogram-labs";
  const all = { barcelona: "write", lisbon: "read", porto: "read" } as const;
  const odd = [
    { name: "Mobile app, which has a name that is rather long" },
    { name: "Old website", access: all, enabled: false },
    { name: "Contractor", access: all, expiresAtMs: Date.now() + 864e5 },
  ];
  for (const each of odd) {
    await apiKeys.create({ organizationId, ...each });
    await setTimeout(2); // the oldest come first
  }
  for (let number = 1; number <= 55; number++) {
    await apiKeys.create({ organizationId, name: `Robot ${number}`, access: { lisbon: "read" } });
  }
  const { page } = await started.open();
  await page.getByRole("button", { name: "Manage Robot 1", exact: true }).waitFor();
  await page.getByRole("button", { name: "Show more keys" }).click();
  await page.getByRole("button", { name: "Manage Robot 55" }).waitFor();
  await look(page, "many-keys");
  await page.setViewportSize({ width: 360, height: 740 });
  await look(page, "narrow-list");
  await page.getByRole("button", { name: "Manage Old website" }).click();
  await choose(page, "Porto", "Write");
  await look(page, "narrow-key");
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBe(360);
  await page.getByRole("button", { name: "All keys" }).click();
  await look(page, "narrow-unsaved-list");
  await generate(page, "Phone");
  await look(page, "narrow-secret");
  await done(page);
  await page.getByRole("button", { name: "Delete key" }).click();
  await look(page, "narrow-delete");
});

it("shows HTML in names as the text that it is", async () => {
  const { apiKeys, data } = started.raster;
  const html = `<img src=x onerror="document.title='run'"><b>bold</b>`;
  data.addLibrary("monogram-labs", "html", html);
  const made = { organizationId: "monogram-labs", name: html, access: { html: "read" } } as const;
  await apiKeys.create(made);
  const { page, complaints } = await started.open();
  await page.getByRole("rowheader", { name: html }).waitFor();
  await look(page, "html-in-names");
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBe(1100);
  await page.getByRole("button", { name: `Manage ${html}` }).click();
  await page.getByRole("heading", { name: html }).waitFor();
  await page.getByRole("radiogroup", { name: `Access to ${html}` }).waitFor();
  await page.getByRole("button", { name: "Delete key" }).click();
  await page.getByRole("heading", { name: `Delete ${html}?` }).waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();

  // What the server refuses is said, and stays to be mended.
  await page.getByRole("textbox", { name: "Name" }).fill("<script>alert(1)</script>");
  await page.getByRole("button", { name: "Save changes" }).click();
  await page.getByRole("alert").getByText('"name" expected text without "<" and ">"').waitFor();
  await look(page, "save-refused");
  expect(await page.title()).not.toBe("run");
  const images = await page.evaluate(
    () => document.querySelector("api-keys-settings")!.shadowRoot!.querySelectorAll("img").length,
  );
  expect(images).toBe(0);
  expect(complaints).toEqual([]);
});

it("is defined once, whoever imports it", async () => {
  // Trusted types let a page have one copy of Lit, unless it says 'allow-duplicates'.
  const { page, complaints } = await started.open("Monogram Labs", { bypassCSP: true });
  // As text: Vite would rewrite the import.
  const again = 'import("/settings/api-keys-settings.js?again").then((all) => Object.keys(all))';
  expect(await page.evaluate(again)).toEqual(["defaultTexts"]);
  expect(complaints).toEqual([]);
});

it("shows each organization its own keys only", async () => {
  await started.raster.createKey({ barcelona: "write" });
  const { page } = await started.open("Acme Co");
  await page.getByRole("heading", { name: "No API keys yet" }).waitFor();
  await generate(page, "Acme");
  await page.getByRole("button", { name: "Done, I have stored it" }).click();
  await page.getByRole("radiogroup", { name: "Access to Warehouse" }).waitFor();
  expect(await page.getByRole("radiogroup").count()).toBe(2);
});

it("takes other texts, colours and languages", async () => {
  const { page, complaints } = await openKey();
  await page.evaluate(() => {
    const element = document.querySelector("api-keys-settings")!;
    document.documentElement.lang = "de";
    element.texts = { save: "Speichern", access: "Zugriff auf Bibliotheken", write: "Schreiben" };
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(
      "api-keys-settings { --api-keys-accent: #7a1fa2; --api-keys-radius: 0px } " +
        "api-keys-settings::part(heading) { font-family: serif }",
    );
    document.adoptedStyleSheets = [sheet];
  });
  await choose(page, "Porto", "Schreiben");
  await page.getByRole("heading", { name: "Zugriff auf Bibliotheken" }).waitFor();
  const button = page.getByRole("button", { name: "Speichern" });
  const style = await button.evaluate((element) => {
    const { backgroundColor, borderRadius } = getComputedStyle(element);
    return { backgroundColor, borderRadius };
  });
  expect(style).toEqual({ backgroundColor: "rgb(122, 31, 162)", borderRadius: "0px" });
  expect(complaints).toEqual([]);
});
