import { html, nothing, type TemplateResult } from "lit";
import type { Collision, Conflict, Side } from "./draft.js";
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
                ({ libraryId, from, to }) =>
                  html`<li>
                    <b>${nameOf(view, libraryId)}</b>:
                    ${say("becomes", {
                      from: valueOf(view, libraryId, from),
                      to: valueOf(view, libraryId, to),
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
    <div>${button({ label: say("conflictGoOn"), kind: "primary", press: () => act.goOn() })}</div>
  </div>`;
}

function collisionRow(view: View, conflict: Conflict, collision: Collision): TemplateResult {
  const { act, say } = view;
  const { libraryId } = collision;
  const name = nameOf(view, libraryId);
  return html`<tr part="row" role="row">
    <th role="rowheader" scope="row">${name}</th>
    <td role="cell">
      <div class="sides" part="choices" role="radiogroup" aria-label=${name}>
        ${SIDES.map(
          (side) =>
            html`<label class="check" part="choice">
              <input
                type="radio"
                name="decide-${libraryId ?? ""}"
                .checked=${conflict.choices.get(libraryId) === side}
                @change=${() => act.decide(libraryId, side)}
              />${say(side, { value: valueOf(view, libraryId, collision[side]) })}
            </label>`,
        )}
      </div>
    </td>
  </tr>`;
}

function nameOf({ state, say }: View, libraryId: string | null): string {
  if (libraryId === null) return say("name");
  return state.libraries.nodes.find(({ id }) => id === libraryId)?.name ?? libraryId;
}

function valueOf({ say }: View, libraryId: string | null, value: string): string {
  return libraryId === null ? value : sayChoice(say, value as Choice);
}
