import { html, nothing, type TemplateResult } from "lit";
import { conflictView } from "./conflict-view.js";
import { expiryField } from "./expiry-view.js";
import { librariesView } from "./libraries-view.js";
import { badges, lastUsed } from "./list-view.js";
import { unsavedCount, type Editing } from "./state.js";
import { button, noticeView, savedView, type View } from "./view.js";

const NAME_LENGTH = 200;

/** One key: its name, its last day, its table of libraries, and what ends it. */
export function keyView(view: View, editing: Editing): TemplateResult {
  const { act, say, state, times } = view;
  const { base, conflict } = editing;
  return html`<section class="stack" part="key" aria-labelledby="heading">
    <div>
      <button
        type="button"
        class="link"
        part="button link"
        aria-disabled=${state.isBusy ? "true" : nothing}
        @click=${() => act.back()}
      >
        <span aria-hidden="true">←</span> ${say("back")}
      </button>
    </div>
    <div class="tight">
      <h2 id="heading" part="heading" tabindex="-1">${base.name} ${badges(view, base)}</h2>
      <p class="muted">
        <code>${base.hint}</code> · ${say("created")} ${times.date(base.createdAt)} ·
        ${say("lastUsed")}: ${lastUsed(view, base.lastUsedAt)}
      </p>
    </div>
    ${conflict ? conflictView(view, conflict) : editor(view, editing)}
  </section>`;
}

function editor(view: View, editing: Editing): TemplateResult {
  const { say, state } = view;
  return html`<div class="fields">${nameField(view, editing)} ${expiryField(view, editing)}</div>
    ${librariesView(view, editing)}
    <div class="foot">${noticeView(view)} ${unsavedCount(state) > 0 ? saveBar(view) : nothing}</div>
    <div class="panel padded stack" part="panel danger-zone" role="group" aria-labelledby="danger">
      <h3 id="danger">${say("dangerHeading")}</h3>
      ${end(view, editing.base.enabled ? "disable" : "enable")} ${end(view, "regenerate")}
      ${end(view, "delete")}
    </div>`;
}

function nameField({ act, say, state }: View, { base, draft }: Editing): TemplateResult {
  const isMissing = state.notice?.type === "nameMissing";
  return html`<div class="tight">
    <div class="bar">
      <label for="name">${say("name")}</label>
      ${savedView(say, draft.name === base.name ? null : base.name)}
    </div>
    <input
      id="name"
      class="text"
      part="input"
      maxlength=${NAME_LENGTH}
      autocomplete="off"
      aria-describedby="name-hint${isMissing ? " notice" : ""}"
      aria-invalid=${isMissing ? "true" : nothing}
      .value=${draft.name}
      @input=${(event: Event) => act.rename((event.target as HTMLInputElement).value)}
    />
    <small id="name-hint">${say("nameHint")}</small>
  </div>`;
}

function saveBar({ act, say, state }: View): TemplateResult {
  const { isBusy } = state;
  const count = unsavedCount(state);
  return html`<div class="save bar spread" part="save-bar">
    <b>${say("unsaved", { count })}</b>
    <div class="bar end">
      ${button({ label: say("discard"), isBusy, press: () => act.ask("discard") })}
      ${button({
        label: say(isBusy ? "saving" : "save"),
        kind: "primary",
        isBusy,
        press: () => void act.save(),
      })}
    </div>
  </div>`;
}

function end(
  { act, say, state }: View,
  what: "disable" | "enable" | "regenerate" | "delete",
): TemplateResult {
  return html`<div class="bar spread">
    <p class="muted">${say(`${what}Hint`)}</p>
    ${button({
      label: say(what),
      kind: what === "enable" ? "" : "danger",
      isBusy: state.isBusy,
      press: () => (what === "enable" ? void act.enable() : act.ask(what)),
    })}
  </div>`;
}
