/// <reference lib="dom" />
import type { SettingsFetcher } from "./client.js";
import { SettingsElement } from "./element.js";
import { defaultTexts, type SettingsTexts } from "./texts.js";

export { defaultTexts };
export type { SettingsFetcher, SettingsTexts };

/**
 * `<api-keys-settings endpoint="/settings/graphql" organization="monogram-labs">`: the API keys section of an organization's
 * settings page, for any page. It speaks to the management API (`graphql-api-keys/management`) and is registered by
 * importing this module, which brings everything along and changes nothing else on the page.
 *
 * Styled by custom properties (`--api-keys-accent`, …) and parts (`::part(button)`, …); light or dark as the page's
 * `color-scheme` says.
 *
 * @example
 * ```ts
 * import "graphql-api-keys/settings";
 * import type { ApiKeysSettings, SettingsTexts } from "graphql-api-keys/settings";
 *
 * const german: Partial<SettingsTexts> = { heading: "API-Schlüssel", generate: "Schlüssel erzeugen" };
 *
 * export function translate(element: ApiKeysSettings): void {
 *   element.texts = german;
 * }
 * ```
 */
export interface ApiKeysSettings extends HTMLElement {
  /** Where the management API is; same origin, or `fetcher` has to see to credentials. Attribute `endpoint`. */
  endpoint: string;
  /** Whose keys are shown. Attribute `organization`; another one starts anew, and what was not saved is gone. */
  organization: string;
  /** Texts in place of the English ones; what is left out stays English. Default `{}`. */
  texts: Partial<SettingsTexts>;
  /** Sends the requests. Default `fetch`, with the cookies of the same origin. */
  fetcher: SettingsFetcher;
  /** Whether leaving would lose changes, or a key that is still shown. The page itself is guarded; ask in your router. */
  readonly hasUnsavedChanges: boolean;
}

declare global {
  interface HTMLElementTagNameMap {
    "api-keys-settings": ApiKeysSettings;
  }
}

const NAME = "api-keys-settings";

// On a server, and where the page has it already, importing does nothing.
if (globalThis.customElements !== undefined && customElements.get(NAME) === undefined) {
  customElements.define(NAME, SettingsElement);
}
