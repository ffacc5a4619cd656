import { html, noChange, nothing, type TemplateResult } from "lit";
import { dayOf, endOf } from "./days.js";
import type { Editing } from "./state.js";
import { savedView, type View } from "./view.js";

/** The day after which the key is refused, or never. */
export function expiryField(view: View, editing: Editing): TemplateResult {
  const { act, say, state, times, now } = view;
  const { expiresAt } = editing.draft;
  const { expiresAt: before } = editing.base;
  const saved = before === null ? say("never") : times.date(before);
  const isWrong = state.notice?.type === "expiryUnclear" || state.notice?.type === "expiryPast";
  const read = ({ currentTarget }: Event, isLeft: boolean) => {
    const { value, validity } = currentTarget as HTMLInputElement;
    if (validity.badInput) return act.expire("");
    // A time of day that nobody chose here is not changed by looking at it.
    if (!isLeft && value !== dayIn(expiresAt)) act.expire(value === "" ? null : endOf(value));
  };
  return html`<div class="tight">
    <div class="bar">
      <label for="expires">${say("expiry")}</label>
      ${savedView(say, expiresAt === before ? null : saved)}
    </div>
    <div class="bar">
      <input
        id="expires"
        type="date"
        class="text day"
        part="input"
        min=${dayOf(new Date(now))}
        max="9999-12-31"
        aria-describedby="expires-hint${isWrong ? " notice" : ""}"
        aria-invalid=${isWrong ? "true" : nothing}
        .valueAsDate=${shown(expiresAt)}
        @input=${(event: Event) => read(event, false)}
        @blur=${(event: Event) => read(event, true)}
      />
      <label class="check">
        <input
          type="checkbox"
          .checked=${expiresAt === null}
          @change=${({ currentTarget }: Event) =>
            act.expire((currentTarget as HTMLInputElement).checked ? null : "")}
        />
        ${say("neverExpires")}
      </label>
    </div>
    <small id="expires-hint">${hint(view, expiresAt)}</small>
  </div>`;
}

function hint({ say, times, now }: View, expiresAt: string | null): string {
  const { zone } = times;
  if (!expiresAt) return say("expiryHint", { zone });
  const time = times.exact(expiresAt);
  return say(Date.parse(expiresAt) <= now ? "expiryOver" : "expiryAt", { time, zone });
}

function dayIn(expiresAt: string | null): string {
  return expiresAt ? dayOf(new Date(expiresAt)) : "";
}

/**
 * What the field is set to, every time: a date is another object each time, and one that is none empties the field, also
 * of half a date. Only while somebody types half a date it is left alone.
 */
function shown(expiresAt: string | null): Date | typeof noChange {
  return expiresAt === "" ? noChange : new Date(expiresAt ? `${dayIn(expiresAt)}T00:00Z` : NaN);
}
