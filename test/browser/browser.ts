/** A real Chromium on the example's settings page. */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type Axe from "axe-core";
import type {} from "graphql-api-keys/settings";
import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
} from "playwright-core";
import { expect } from "vitest";
import { startRaster } from "../examples/raster/client.js";

const EXECUTABLE = process.env["CHROMIUM_PATH"] || "/usr/bin/chromium";
const SCREENSHOTS = fileURLToPath(new URL("screenshots", import.meta.url));
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** How long something may take to appear. */
const PATIENCE_MS = 15_000;

/** Runs the example and a browser. `stop` both. */
export async function startBrowser() {
  if (!existsSync(EXECUTABLE)) {
    throw new Error(`There is no Chromium at ${EXECUTABLE}. Install it, or set CHROMIUM_PATH.`);
  }
  const raster = await startRaster();
  const browser = await chromium.launch({
    executablePath: EXECUTABLE,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  return {
    raster,
    browser,
    /** A browser window of its own, signed in. */
    open: (organization = "Monogram Labs", options: BrowserContextOptions = {}) =>
      openPage(browser, raster.url, organization, options),
    async stop(): Promise<void> {
      await browser.close();
      await raster.stop();
    },
  };
}

/** What {@link startBrowser} runs. */
export type Started = Awaited<ReturnType<typeof startBrowser>>;

/** A window, and what it complained about. */
export interface Window {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Console errors, exceptions, and what the Content-Security-Policy refused. */
  readonly complaints: readonly string[];
}

async function openPage(
  browser: Browser,
  url: string,
  organization: string,
  options: BrowserContextOptions,
): Promise<Window> {
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    viewport: { width: 1100, height: 800 },
    permissions: ["clipboard-read", "clipboard-write"],
    reducedMotion: "reduce",
    ...options,
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  await page.goto(`${url}settings`);
  await page.getByRole("button", { name: organization }).click();
  await page.getByRole("heading", { name: "API keys", exact: true }).waitFor();
  return { page, context, complaints };
}

/** No violation in light and dark; keeps a picture of both, to be looked at. */
export async function look(page: Page, name: string): Promise<void> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.evaluate(() => scrollTo(0, 0));
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    const isModal = (await page.getByRole("dialog").count()) > 0;
    await page.screenshot({
      path: join(SCREENSHOTS, `${name}-${colorScheme}.png`),
      // A longer one says nothing more, and what is behind a dialog does not count.
      fullPage: height < 1500 && !isModal,
    });
    expect(await violations(page), `${name}, ${colorScheme}`).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: "light" });
}

/** What axe finds, best practices included. */
export async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof Axe };
    const results = await axe.run(document, { resultTypes: ["violations"] });
    return results.violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => JSON.stringify(target)).join(", ")}`,
    );
  });
}

/** Makes a key in the browser and returns it; its dialog stays open. */
export async function generate(page: Page, name: string): Promise<string> {
  await page.getByRole("button", { name: "Generate key" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Name" }).fill(name);
  await dialog.getByRole("button", { name: "Generate key" }).click();
  return page.getByRole("textbox", { name: `Key for ${name}` }).inputValue();
}

/** Closes the dialog of a key: it is stored. */
export async function done(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Done, I have stored it" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
}

/** Chooses a level in a row of the table. */
export async function choose(page: Page, library: string, level: string): Promise<void> {
  await page
    .getByRole("radiogroup", { name: `Access to ${library}`, exact: true })
    .getByRole("radio", { name: level })
    .check();
}

/** Saves, and waits until it is saved. */
export async function save(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Save changes" }).click();
  await page.getByText("Saved. It counts from now on.").waitFor();
}
