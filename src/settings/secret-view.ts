import { html, nothing, type TemplateResult } from "lit";
import type { Dialog } from "./state.js";
import { button, type View } from "./view.js";

type Secret = Extract<Dialog, { readonly type: "secret" }>;

/** The key, this once: as a property of one field, which goes with the dialog. */
export function secretContent({ act, say }: View, secret: Secret): TemplateResult {
  const { key, apiKey, copying } = secret;
  return html`<div class="stack">
    <h2 id="dialog-heading" part="heading">${say("secretHeading")}</h2>
    <p class="note warning" part="note warning">${say("secretWarning")}</p>
    <div class="tight">
      <label for="secret">${say("secretLabel", { name: apiKey.name })}</label>
      <div class="bar">
        <input
          id="secret"
          class="text secret"
          part="input secret"
          readonly
          autocomplete="off"
          spellcheck="false"
          data-1p-ignore
          data-lpignore="true"
          data-bwignore
          data-first
          .value=${key}
          @focus=${(event: Event) => (event.target as HTMLInputElement).select()}
          @copy=${() => act.copying("copied")}
        />
        ${button({
          label: say(copying === "copied" ? "copied" : "copy"),
          kind: "primary",
          press: () => void copy(key, act),
        })}
      </div>
    </div>
    <div class="region" role="status">
      ${
        copying === "copied"
          ? html`<p class="note good" part="note good">${say("copiedStatus")}</p>`
          : nothing
      }
    </div>
    <div class="region" role="alert">
      ${
        copying === "refused"
          ? html`<p class="note bad" part="note bad">${say("copyFailed")}</p>`
          : nothing
      }
      ${
        copying === "warned"
          ? html`<p class="note bad" part="note bad">${say("notCopied")}</p>`
          : nothing
      }
    </div>
    <div class="bar end">${button({ label: say("done"), press: () => act.dismiss() })}</div>
  </div>`;
}

async function copy(key: string, act: { copying(how: "copied" | "refused"): void }): Promise<void> {
  try {
    await navigator.clipboard.writeText(key);
    act.copying("copied");
  } catch {
    act.copying("refused");
  }
}
