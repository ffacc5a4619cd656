import { html, nothing, type TemplateResult } from "lit";
import type { Controller } from "./controller.js";
import type { Notice, State } from "./state.js";
import type { Say } from "./texts.js";
import type { Times } from "./times.js";
import type { Failure } from "./types.js";

/** What every view is made of. */
export interface View {
  readonly state: State;
  readonly act: Controller;
  readonly say: Say;
  readonly times: Times;
  readonly now: number;
}

type Part = TemplateResult | typeof nothing;

/** A button that cannot be pressed while a change is on its way, and keeps the focus meanwhile. */
export function button(options: {
  readonly label: string;
  readonly press: () => void;
  readonly kind?: "" | "primary" | "danger" | "primary danger";
  readonly isBusy?: boolean;
  readonly isFirst?: boolean;
}): TemplateResult {
  const { label, press, kind = "", isBusy = false, isFirst = false } = options;
  return html`<button
    type="button"
    class=${kind}
    part="button ${kind}"
    aria-disabled=${isBusy ? "true" : nothing}
    ?data-first=${isFirst}
    @click=${() => isBusy || press()}
  >
    ${label}
  </button>`;
}

/** What is saved of a field that was changed. */
export function savedView(say: Say, saved: string | null): Part {
  return saved === null ? nothing : html`<small>${say("was", { level: saved })}</small>`;
}

/** A failure in words. */
export function sayFailure(say: Say, failure: Failure): string {
  switch (failure) {
    case "network":
      return say("failedNetwork");
    case "server":
      return say("failedServer");
    case "signedOut":
      return say("failedSignedOut");
    case "forbidden":
      return say("failedForbidden");
  }
}

/** A notice in words. */
export function sayNotice(say: Say, notice: Notice): string {
  switch (notice.type) {
    case "invalid":
      return notice.message;
    case "deleted":
      return say("deletedStatus", { name: notice.name });
    case "deletedElsewhere":
    case "kept":
      return say(notice.type, { name: notice.name });
    case "saved":
    case "discarded":
    case "disabledNow":
    case "enabledNow":
    case "nameMissing":
    case "expiryUnclear":
    case "expiryPast":
    case "conflictOpen":
    case "conflictNext":
    case "changedElsewhere":
    case "issuedBefore":
      return say(notice.type);
    case "network":
    case "server":
    case "signedOut":
    case "forbidden":
      return sayFailure(say, notice.type);
  }
}

/** Both regions are always there: screen readers do not hear of regions that come with their text. */
export function noticeView({ state: { notice }, say }: View): TemplateResult {
  const type = notice?.type ?? "";
  const isGood = ["saved", "disabledNow", "enabledNow", "deleted"].includes(type);
  const isWarning = ["issuedBefore", "changedElsewhere", "kept"].includes(type);
  const isNews = isGood || ["conflictNext", "kept", "discarded"].includes(type);
  const kind = isGood ? "good" : isWarning ? "warning" : "";
  const text = notice ? sayNotice(say, notice) : "";
  const note = (kind: string) =>
    html`<p id="notice" tabindex="-1" class="note ${kind}" part="note ${kind}">${text}</p>`;
  return html`<div class="region">
    <div role="status">${isNews ? note(kind) : nothing}</div>
    <div role="alert">${notice && !isNews ? note(kind || "bad") : nothing}</div>
  </div>`;
}

/** A list that could not be had, and what to do about it. */
export function failureView(view: View, failure: Failure | null, retry: () => void): Part {
  if (failure === null) return nothing;
  return html`<div class="note bad bar spread" part="note bad" role="alert">
    <p>${sayFailure(view.say, failure)}</p>
    ${button({ label: view.say("retry"), press: retry })}
  </div>`;
}
