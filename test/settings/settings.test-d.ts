import type { ApiKeysSettings, SettingsFetcher, SettingsTexts } from "graphql-api-keys/settings";
import { expectTypeOf, it } from "vitest";

it("is an element with these properties", () => {
  expectTypeOf<HTMLElementTagNameMap["api-keys-settings"]>().toEqualTypeOf<ApiKeysSettings>();
  expectTypeOf<ApiKeysSettings>().toExtend<HTMLElement>();
  expectTypeOf<ApiKeysSettings["texts"]>().toEqualTypeOf<Partial<SettingsTexts>>();
  expectTypeOf<typeof fetch>().toExtend<SettingsFetcher>();
});

it("does not take what it does not know", () => {
  // @ts-expect-error no such text
  const texts: ApiKeysSettings["texts"] = { haeding: "API-Schlüssel" };
  const element = {} as ApiKeysSettings;
  // @ts-expect-error it says so, and is not told
  element.hasUnsavedChanges = false;
  return [texts, element];
});
