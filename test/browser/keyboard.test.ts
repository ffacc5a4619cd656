import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { startBrowser, type Started } from "./browser.js";

/** The specification's flow without a pointer, and what a screen reader is told on the way. */
let started: Started;

beforeAll(async () => {
  started = await startBrowser();
});
afterAll(() => started?.stop());
beforeEach(() => started.raster.reset());

/** What has the focus, as a person would call it. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.querySelector("api-keys-settings")!.shadowRoot!.activeElement;
    const label = element instanceof HTMLInputElement ? element.labels?.[0] : null;
    const name = element?.getAttribute("aria-label") ?? label?.innerText ?? element?.textContent;
    return name?.replace(/\s+/g, " ").trim() ?? "";
  });
}

/** Presses Tab until this has the focus. */
async function tabTo(page: Page, name: string, key = "Tab"): Promise<void> {
  for (let pressed = 0; pressed < 40; pressed++) {
    if ((await focused(page)) === name) return;
    await page.keyboard.press(key);
  }
  throw new Error(`Tab does not reach "${name}".`);
}

it("goes through the whole flow by keyboard alone, and the focus is never lost", async () => {
  const { page } = await started.open();
  await tabTo(page, "Generate key");
  await page.keyboard.press("Enter");
  await expect.poll(() => focused(page)).toBe("Name");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").getByText("Enter a name.").waitFor();
  await page.keyboard.type("Website");
  await page.keyboard.press("Enter");

  await expect.poll(() => focused(page)).toBe("Key for Website");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByRole("status").getByText("The key was copied.").waitFor();
  const key = await page.evaluate(() => navigator.clipboard.readText());
  await page.keyboard.press("Escape");
  await expect.poll(() => focused(page)).toBe("Website");

  // Radio buttons: one stop each, arrows choose.
  await tabTo(page, "None");
  await page.keyboard.press("ArrowRight");
  await expect.poll(() => focused(page)).toBe("Read");
  await page.keyboard.press("ArrowRight");
  await tabTo(page, "Save changes");
  await page.keyboard.press("Enter");
  await expect.poll(() => focused(page)).toBe("Saved. It counts from now on.");
  const { body } = await started.raster.send({ key, query: "{ viewer { libraries { access } } }" });
  expect(body?.data.viewer.libraries).toEqual([{ access: "write" }]);

  // Until when it works, and what is not wanted after all.
  await tabTo(page, "Never expires", "Shift+Tab");
  await page.keyboard.press("Space");
  await tabTo(page, "Save changes");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").getByText("Choose the day on which it expires").waitFor();
  await expect.poll(() => focused(page)).toBe("Expires");
  await page.keyboard.type("01312099");
  await page.getByText("Works until Jan 31, 2099").waitFor();
  await tabTo(page, "Discard changes");
  await page.keyboard.press("Enter");
  await expect.poll(() => focused(page)).toBe("Keep editing");
  await page.keyboard.press("Enter");
  await expect.poll(() => focused(page)).toBe("Discard changes");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  await tabTo(page, "Discard changes");
  await page.keyboard.press("Enter");
  await expect.poll(() => focused(page)).toBe("Discarded. This is what is saved.");

  await tabTo(page, "Disable key");
  await page.keyboard.press("Enter");
  await expect.poll(() => focused(page)).toBe("Cancel");
  await tabTo(page, "Disable key");
  await page.keyboard.press("Enter");
  await expect.poll(() => focused(page)).toBe("Enable key");
  await page.keyboard.press("Enter");
  await page.getByRole("status").getByText("Enabled. It works again.").waitFor();
  await expect.poll(() => focused(page)).toBe("Disable key");

  await tabTo(page, "Regenerate key");
  await page.keyboard.press("Enter");
  await expect.poll(() => focused(page)).toBe("Cancel");
  await page.keyboard.press("Enter");
  await expect.poll(() => focused(page)).toBe("Regenerate key");
  await page.keyboard.press("Enter");
  await expect.poll(() => focused(page)).toBe("Cancel");
  await tabTo(page, "Regenerate key");
  await page.keyboard.press("Enter");
  await expect.poll(() => focused(page)).toBe("Key for Website");
  await tabTo(page, "Done, I have stored it");
  await page.keyboard.press("Enter");
  await expect.poll(() => focused(page)).toBe("Regenerate key");

  await tabTo(page, "← All keys", "Shift+Tab");
  await page.keyboard.press("Enter");
  await expect.poll(() => focused(page)).toBe("Manage Website");
  await page.keyboard.press("Enter");
  await expect.poll(() => focused(page)).toBe("Website");
  await tabTo(page, "Delete key");
  await page.keyboard.press("Enter");
  await expect.poll(() => focused(page)).toBe("Cancel");
  await tabTo(page, "Delete key");
  await page.keyboard.press("Enter");
  await page.getByRole("status").getByText("Website was deleted.").waitFor();
  await expect.poll(() => focused(page)).toBe("API keys");
});

/** The element as a screen reader goes through it, without what differs from day to day. */
async function heard(page: Page): Promise<string> {
  const snapshot = await page.locator("api-keys-settings").ariaSnapshot();
  return snapshot.replace(/pk_\w+…/g, "pk_…").replace(/[A-Z][a-z]{2} \d+, \d{4}/g, "(date)");
}

it("tells a screen reader what everything is", async () => {
  await started.raster.createKey({ barcelona: "write" });
  const { page } = await started.open();
  await page.getByRole("button", { name: "Manage Test" }).waitFor();
  expect(await heard(page)).toMatchInlineSnapshot(`
    "- region "API keys":
      - heading "API keys" [level=2]
      - paragraph: "Keys let external applications reach the libraries you choose. Treat them like passwords: never commit them to source control or expose them in client-side code."
      - button "Generate key"
      - status
      - alert
      - status: "API keys: 1"
      - table "API keys":
        - rowgroup:
          - row "Name Key Created Last used Libraries":
            - columnheader "Name"
            - columnheader "Key"
            - columnheader "Created"
            - columnheader "Last used"
            - columnheader "Libraries"
            - cell
        - rowgroup:
          - row "Test pk_… (date) Never Barcelona Write Manage Test":
            - rowheader "Test"
            - cell "pk_…":
              - code: pk_…
            - cell "(date)":
              - time: (date)
            - cell "Never"
            - cell "Barcelona Write"
            - cell "Manage Test":
              - button "Manage Test": Manage"
  `);
  await page.getByRole("button", { name: "Manage Test" }).click();
  await page.getByRole("radiogroup", { name: "Access to Porto" }).waitFor();
  expect(await heard(page)).toMatchInlineSnapshot(`
    "- region "Test":
      - button "All keys"
      - heading "Test" [level=2]
      - paragraph:
        - code: pk_…
        - text: "· Created (date) · Last used: Never"
      - text: Name
      - textbox "Name": Test
      - text: What will use it, such as “Website”. Expires
      - textbox "Expires"
      - checkbox "Never expires" [checked]
      - text: Never expires The last day on which it works, in the time zone UTC.
      - group "Library access":
        - heading "Library access" [level=3]
        - paragraph: Read runs queries. Write also uploads, changes and deletes. None keeps the key out.
        - table "Library access":
          - rowgroup:
            - row "Libraries Library access":
              - columnheader "Libraries"
              - columnheader "Library access"
          - rowgroup:
            - row "Barcelona barcelona Access to Barcelona":
              - rowheader "Barcelona barcelona"
              - cell "Access to Barcelona":
                - radiogroup "Access to Barcelona":
                  - radio "None"
                  - text: None
                  - radio "Read"
                  - text: Read
                  - radio "Write" [checked]
                  - text: Write
            - row "Lisbon lisbon Access to Lisbon":
              - rowheader "Lisbon lisbon"
              - cell "Access to Lisbon":
                - radiogroup "Access to Lisbon":
                  - radio "None" [checked]
                  - text: None
                  - radio "Read"
                  - text: Read
                  - radio "Write"
                  - text: Write
            - row "Porto porto Access to Porto":
              - rowheader "Porto porto"
              - cell "Access to Porto":
                - radiogroup "Access to Porto":
                  - radio "None" [checked]
                  - text: None
                  - radio "Read"
                  - text: Read
                  - radio "Write"
                  - text: Write
      - status
      - alert
      - group "Disable, replace or delete this key":
        - heading "Disable, replace or delete this key" [level=3]
        - paragraph: Refused until you enable it again. Do this to find out what still uses it.
        - button "Disable key"
        - paragraph: A new value in place of the old one. Do this at once if the key leaked.
        - button "Regenerate key"
        - paragraph: For good. Do this when nothing uses the key any more.
        - button "Delete key""
  `);
});
