import { html, nothing, type TemplateResult } from "lit";
import {
  libraryOf,
  type Change,
  type Collision,
  type Conflict,
  type Field,
  type Side,
} from "./draft.js";
import { sayChoice } from "./libraries-view.js";
import type { Choice } from "./types.js";
import { button, noticeView, type View } from "./view.js";

const SIDES: readonly Side[] = ["mine", "theirs"];

/** What somebody else saved meanwhile, and what has to be decided. */
export function conflictView(view: View, conflict: Conflict): TemplateResult {
  const { act, say } = view;
  const { taken, collisions } = conflict;
  return html`<div class="stack" part="conflict" role="group" aria-labelledby="conflict">
    <div class="note warning tight" part="note warning" role="alert">
      <h3 id="conflict" tabindex="-1">${say("conflictHeading")}</h3>
      <p>${say("conflict")}</p>
    </div>
    ${
      taken.length > 0
        ? html`<div class="tight">
            <h3 id="taken">${say("conflictTaken")}</h3>
            <ul aria-labelledby="taken">
              ${taken.map(
                ({ field, from, to }) =>
                  html`<li>
                    <b>${nameOf(view, field)}</b>:
                    ${say("becomes", {
                      from: valueOf(view, field, from),
                      to: valueOf(view, field, to),
                    })}
                  </li>`,
              )}
            </ul>
          </div>`
        : nothing
    }
    ${
      collisions.length > 0
        ? html`<div class="tight">
            <h3 id="collisions">${say("conflictCollisions")}</h3>
            <div class="panel" part="panel">
              <table class="levels" part="table" role="table" aria-labelledby="collisions">
                <tbody role="rowgroup">
                  ${collisions.map((collision) => collisionRow(view, conflict, collision))}
                </tbody>
              </table>
            </div>
          </div>`
        : nothing
    }
    ${noticeView(view)}
    <div class="bar">
      ${button({ label: say("conflictGoOn"), kind: "primary", press: () => act.goOn() })}
      ${button({ label: say("discard"), press: () => act.ask("discard") })}
    </div>
  </div>`;
}

function collisionRow(view: View, conflict: Conflict, collision: Collision): TemplateResult {
  const { act, say } = view;
  const { field } = collision;
  const name = nameOf(view, field);
  return html`<tr part="row" role="row">
    <th role="rowheader" scope="row">${name}</th>
    <td role="cell">
      <div class="sides" part="choices" role="radiogroup" aria-label=${name}>
        ${SIDES.map(
          (side) =>
            html`<label class="check" part="choice">
              <input
                type="radio"
                name="decide-${field}"
                .checked=${conflict.choices.get(field) === side}
                @change=${() => act.decide(field, side)}
              />${say(side, { value: valueOf(view, field, collision[side]) })}
            </label>`,
        )}
      </div>
    </td>
  </tr>`;
}

function nameOf({ state, say }: View, field: Field): string {
  const id = libraryOf(field);
  if (id !== null) return state.libraries.nodes.find((one) => one.id === id)?.name ?? id;
  return say(field === "expiresAt" ? "expiry" : field === "enabled" ? "state" : "name");
}

function valueOf({ say, times }: View, field: Field, value: Change["from"]): string {
  if (field === "name") return String(value);
  if (field === "enabled") return say(value === true ? "enabled" : "disabled");
  if (field === "expiresAt") return value ? times.exact(String(value)) : say("never");
  return sayChoice(say, value as Choice);
}
