import { html, nothing, type TemplateResult } from "lit";
import { keyed } from "lit/directives/keyed.js";
import { sayChoice } from "./libraries-view.js";
import { secretContent } from "./secret-view.js";
import type { Dialog, Editing, Problem } from "./state.js";
import { button, sayNotice, type View } from "./view.js";

/** What stands before everything else. A dialog of its own for each: nothing of one is left in the next. */
export function dialogView(view: View, dialog: Dialog): unknown {
  return keyed(
    dialog.type,
    html`<dialog
      part="dialog"
      aria-labelledby="dialog-heading"
      @cancel=${(event: Event) => cancel(view, dialog, event)}
      @close=${(event: Event) => closed(view, dialog, event)}
    >
      ${content(view, dialog)}
    </dialog>`,
  );
}

/** Escape closes, but for a key that nobody has copied and a change on its way. */
function cancel({ act, state }: View, dialog: Dialog, event: Event): void {
  event.preventDefault();
  if (isUncopied(dialog)) return act.copying("warned");
  if (!state.isBusy) act.dismiss();
}

/**
 * The browser closed it by itself, which some do at the fourth Escape, whatever was said to the first three. Of one that
 * was taken out the event comes late, when the next may be open.
 */
function closed({ act, state }: View, dialog: Dialog, event: Event): void {
  const shown = event.target as HTMLDialogElement;
  if (!shown.isConnected) return;
  if (!isUncopied(dialog) && !state.isBusy) return act.dismiss(dialog.type);
  shown.showModal();
  if (isUncopied(dialog)) act.copying("warned");
}

function isUncopied(dialog: Dialog): boolean {
  return dialog.type === "secret" && dialog.copying !== "copied";
}

function content(view: View, dialog: Dialog): TemplateResult | typeof nothing {
  switch (dialog.type) {
    case "generate":
      return generateContent(view, dialog.problem);
    case "secret":
      return secretContent(view, dialog);
    case "discard":
      return discardContent(view);
    case "regenerate":
    case "disable":
    case "delete":
      return view.state.editing
        ? confirmContent(view, view.state.editing, dialog.type, dialog.problem)
        : nothing;
  }
}

function problemView({ say }: View, problem: Problem | null): TemplateResult {
  return html`<div class="region" role="alert">
    ${
      problem
        ? html`<p id="problem" class="note bad" part="note bad">${sayNotice(say, problem)}</p>`
        : nothing
    }
  </div>`;
}

function generateContent(view: View, problem: Problem | null): TemplateResult {
  const { act, say, state } = view;
  const isWrong = problem?.type === "nameMissing" || problem?.type === "invalid";
  const submit = (event: Event) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    void act.generate(form.querySelector("input")?.value ?? "");
  };
  return html`<form class="stack" novalidate @submit=${submit}>
    <h2 id="dialog-heading" part="heading">${say("generateHeading")}</h2>
    <div class="tight">
      <label for="new-name">${say("name")}</label>
      <input
        id="new-name"
        class="text"
        part="input"
        maxlength="200"
        autocomplete="off"
        required
        data-first
        aria-describedby="new-hint${isWrong ? " problem" : ""}"
        aria-invalid=${isWrong ? "true" : nothing}
      />
      <small id="new-hint">${say("nameHint")}</small>
    </div>
    <p class="muted">${say("generateHint")}</p>
    ${problemView(view, problem)}
    <div class="bar end">
      ${button({ label: say("cancel"), isBusy: state.isBusy, press: () => act.dismiss() })}
      <button
        type="submit"
        class="primary"
        part="button primary"
        aria-disabled=${state.isBusy ? "true" : nothing}
      >
        ${say(state.isBusy ? "generating" : "generate")}
      </button>
    </div>
  </form>`;
}

function discardContent({ act, say, state }: View): TemplateResult {
  const name = state.editing?.base.name ?? "";
  return html`<div class="stack">
    <h2 id="dialog-heading" part="heading">${say("discardHeading")}</h2>
    <p>${say("discardWarning", { name })}</p>
    <div class="bar end">
      ${button({ label: say("keepEditing"), isFirst: true, press: () => act.dismiss() })}
      ${button({ label: say("discard"), kind: "primary danger", press: () => act.discard() })}
    </div>
  </div>`;
}

function confirmContent(
  view: View,
  { base }: Editing,
  what: "regenerate" | "disable" | "delete",
  problem: Problem | null,
): TemplateResult {
  const { act, say, state } = view;
  const { name, hint } = base;
  const names = new Map(state.libraries.nodes.map((library) => [library.id, library.name]));
  return html`<div class="stack">
    <h2 id="dialog-heading" part="heading">${say(`${what}Heading`, { name })}</h2>
    <p>${say(`${what}Warning`, { hint })}</p>
    <div class="note warning tight" part="note warning">
      <b id="stops">${say("stops")}</b>
      ${
        base.access.size === 0
          ? html`<p>${say("stopsNothing")}</p>`
          : html`<ul class="scroll" tabindex="0" aria-labelledby="stops">
              ${[...base.access].map(
                ([id, level]) => html`<li>${names.get(id) ?? id}: ${sayChoice(say, level)}</li>`,
              )}
            </ul>`
      }
      <small>
        ${say("lastUsed")}:
        ${base.lastUsedAt === null ? say("never") : view.times.ago(base.lastUsedAt)}
      </small>
    </div>
    ${problemView(view, problem)}
    <div class="bar end">
      ${button({
        label: say("cancel"),
        isBusy: state.isBusy,
        isFirst: true,
        press: () => act.dismiss(),
      })}
      ${button({
        label: say(state.isBusy ? "working" : what),
        kind: "primary danger",
        isBusy: state.isBusy,
        press: () => void act.confirm(),
      })}
    </div>
  </div>`;
}
