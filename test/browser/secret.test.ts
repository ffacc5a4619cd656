import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { done, generate, startBrowser, type Started } from "./browser.js";

/** The key: shown once, and nowhere before or after. */
let started: Started;

beforeAll(async () => {
  started = await startBrowser();
});
afterAll(() => started?.stop());
beforeEach(() => started.raster.reset());

/** Where a text is found on a page: markup, shadow roots, values of fields, addresses, every storage. */
function traces(page: Page, text: string): Promise<readonly string[]> {
  return page.evaluate(async (wanted) => {
    const found: string[] = [];
    const look = (where: string, content: string) => {
      if (content.includes(wanted)) found.push(where);
    };
    const walk = (root: Document | ShadowRoot) => {
      for (const node of root.querySelectorAll("*")) {
        look(`text of ${node.localName}`, node.textContent ?? "");
        for (const { name, value } of node.attributes) look(`attribute ${name}`, value);
        if (node instanceof HTMLInputElement) look(`value of ${node.id}`, node.value);
        if (node.shadowRoot) walk(node.shadowRoot);
      }
    };
    walk(document);
    const { element: taken } = globalThis as { element?: HTMLElement };
    if (taken?.shadowRoot) walk(taken.shadowRoot); // also while it is out of the document
    look("address", location.href + JSON.stringify(history.state));
    look("requests", JSON.stringify(performance.getEntries()));
    look("local storage", JSON.stringify(localStorage));
    look("session storage", JSON.stringify(sessionStorage));
    look("cookies", document.cookie);
    look("databases", JSON.stringify(await indexedDB.databases()));
    look("caches", JSON.stringify(await caches.keys()));
    return found;
  }, text);
}

it("is in one field while it is shown, and gone once it was dismissed", async () => {
  const { page } = await started.open();
  const requests: string[] = [];
  page.on("request", (request) => requests.push(request.url() + (request.postData() ?? "")));
  const key = await generate(page, "Website");
  expect(await traces(page, key)).toEqual(["value of secret"]);
  await done(page);
  expect(await traces(page, key)).toEqual([]);
  await page.getByRole("button", { name: "All keys" }).click();
  expect(await traces(page, key)).toEqual([]);
  await page.reload();
  await page.getByRole("button", { name: "Manage Website" }).click();
  expect(await traces(page, key)).toEqual([]);
  expect(requests.filter((request) => request.includes(key))).toEqual([]);
});

it("goes when the element is taken out, another organization is shown, or the page is left", async () => {
  const { page } = await started.open();
  const taken = await generate(page, "Taken out");
  await page.evaluate(() => {
    const element = document.querySelector("api-keys-settings")!;
    Object.assign(globalThis, { element });
    element.remove();
  });
  expect(await traces(page, taken)).toEqual([]);
  await page.evaluate(() => {
    const { element } = globalThis as unknown as { element: HTMLElement };
    document.querySelector("main")!.append(element);
  });
  await page.getByRole("button", { name: "Manage Taken out" }).waitFor();
  expect(await traces(page, taken)).toEqual([]);

  const left = await generate(page, "Left");
  await page.evaluate(() =>
    dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true })),
  );
  await page.getByRole("dialog").waitFor({ state: "detached" });
  expect(await traces(page, left)).toEqual([]);

  await page.getByRole("button", { name: "All keys" }).click();
  const other = await generate(page, "Other");
  await page.evaluate(() => {
    document.querySelector("api-keys-settings")!.organization = "acme-co";
  });
  await page.getByText("You may not manage the API keys of this organization.").waitFor();
  expect(await traces(page, other)).toEqual([]);
});

it("is not lost by Escape before it was copied", async () => {
  const { page, context } = await started.open();
  await context.clearPermissions();
  const key = await generate(page, "Website");
  await page.keyboard.press("Escape");
  await page.getByText("The key was not copied yet.").waitFor();
  for (let i = 0; i < 6; i++) await page.keyboard.press("Escape"); // the browser itself gives in to some
  const field = page.getByRole("textbox", { name: "Key for Website" });
  expect(await field.inputValue()).toBe(key);

  // Copied by hand counts as copied.
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await field.focus();
  await page.keyboard.press("Control+c");
  await page.getByText("The key was copied.").waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(key);
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  expect(await traces(page, key)).toEqual([]);
});

it("is not lost when the page hands over another function to ask with", async () => {
  const { page } = await started.open();
  const key = await generate(page, "Website");
  await page.evaluate(async () => {
    const element = document.querySelector("api-keys-settings")!;
    element.fetcher = (url, init) =>
      fetch(url, { ...init, headers: { ...init.headers, "x-asked": "1" } });
    await new Promise(requestAnimationFrame);
  });
  expect(await page.getByRole("textbox", { name: "Key for Website" }).inputValue()).toBe(key);
  await done(page);
  await page.getByRole("textbox", { name: "Name" }).fill("Site");
  await Promise.all([
    page.waitForRequest((request) => request.headers()["x-asked"] === "1"),
    page.getByRole("button", { name: "Save changes" }).click(),
  ]);
});

it("says so when the browser does not let it copy", async () => {
  const { page } = await started.open();
  await page.evaluate(() => {
    navigator.clipboard.writeText = () => Promise.reject(new Error("refused"));
  });
  await generate(page, "Website");
  await page.getByRole("button", { name: "Copy", exact: true }).click();
  await page.getByText("Copying was refused. Select the key and copy it yourself.").waitFor();
});

it("warns before the page is left while a key is shown or a change is unsaved", async () => {
  const { page } = await started.open();
  const unsaved = () =>
    page.evaluate(() => document.querySelector("api-keys-settings")!.hasUnsavedChanges);
  expect(await unsaved()).toBe(false);
  await generate(page, "Website");
  expect(await unsaved()).toBe(true);
  let asked = 0;
  page.on("dialog", (dialog) => {
    asked += dialog.type() === "beforeunload" ? 1 : 0;
    void dialog.dismiss();
  });
  await page.evaluate(() => location.reload());
  await expect.poll(() => asked).toBe(1);
  await done(page);
  expect(await unsaved()).toBe(false);
  await page.getByRole("textbox", { name: "Name" }).fill("Blog");
  expect(await unsaved()).toBe(true);
  await page.evaluate(() => location.reload());
  await expect.poll(() => asked).toBe(2);
});
