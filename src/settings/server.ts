/* What esbuild puts in place of these globals in the bundle, so that a server can import it and render the page around it. */

const browser = globalThis as Partial<typeof globalThis>;

const Nothing = class {} as unknown as typeof globalThis.HTMLElement;
const page = { createTreeWalker: () => ({}) } as unknown as Document;

const BrowserElement = browser.HTMLElement ?? Nothing;
const browserDocument = browser.document ?? page;

export { BrowserElement as HTMLElement, browserDocument as document };
