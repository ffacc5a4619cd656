import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { rowsOf, type Row } from "./libraries.js";
import type { Editing } from "./state.js";
import type { Say } from "./texts.js";
import type { Choice } from "./types.js";
import { button, failureView, savedView, type View } from "./view.js";

const CHOICES: readonly Choice[] = ["NONE", "READ", "WRITE"];
/** From then on there is something to search. */
const MANY = 6;

/** A level in words. */
export function sayChoice(say: Say, choice: Choice): string {
  switch (choice) {
    case "NONE":
      return say("none");
    case "READ":
      return say("read");
    case "WRITE":
      return say("write");
  }
}

/** The table of libraries with None, Read, Write. */
export function librariesView(view: View, editing: Editing): TemplateResult {
  const { state, act, say } = view;
  const { libraries } = state;
  const rows = rowsOf(libraries, editing.base, editing.draft, editing);
  const shown = rows.slice(0, editing.rowLimit);
  const rest = rows.length - shown.length;
  const isLoaded = libraries.type === "loaded";
  return html`<div class="stack" role="group" aria-labelledby="access">
    <div class="tight">
      <h3 id="access">${say("access")}</h3>
      <p class="muted">${say("accessHint")}</p>
    </div>
    ${failureView(view, libraries.failure, () => void act.loadLibraries())}
    ${libraries.nodes.length >= MANY ? toolbar(view, editing, rows) : nothing}
    <div class="panel" part="panel">
      ${shown.length > 0 ? levelsTable(view, shown) : nothing}
      ${
        isLoaded && shown.length === 0
          ? html`<p class="padded muted">
              ${say(libraries.nodes.length === 0 ? "noneExist" : "notFound")}
            </p>`
          : nothing
      }
      ${
        libraries.type === "loading"
          ? html`<p class="padded muted" aria-busy="true">${say("librariesLoading")}</p>`
          : nothing
      }
    </div>
    ${
      rest > 0
        ? html`<div>
            ${button({ label: say("showAll", { count: rest }), press: () => act.showAllRows() })}
          </div>`
        : nothing
    }
  </div>`;
}

function toolbar({ act, say }: View, editing: Editing, rows: readonly Row[]): TemplateResult {
  const count = rows.length;
  return html`<div class="bar spread">
      <input
        type="search"
        class="text grow"
        part="input"
        aria-label=${say("search")}
        placeholder=${say("search")}
        autocomplete="off"
        .value=${editing.search}
        @input=${(event: Event) => act.filter({ search: (event.target as HTMLInputElement).value })}
      />
      <label class="check">
        <input
          type="checkbox"
          .checked=${editing.onlyGranted}
          @change=${(event: Event) =>
            act.filter({ onlyGranted: (event.target as HTMLInputElement).checked })}
        />
        ${say("onlyGranted")}
      </label>
    </div>
    <p class="hidden" role="status">${say("found", { count })}</p>
    ${
      count > 0
        ? html`<div class="bar" role="group" aria-labelledby="set-shown">
            <span id="set-shown" class="muted">${say("setShown", { count })}</span>
            ${CHOICES.map((choice) =>
              button({ label: sayChoice(say, choice), press: () => act.chooseShown(choice) }),
            )}
          </div>`
        : nothing
    }`;
}

// The roles are those of the elements: in a narrow container rows become blocks, which takes them away.
function levelsTable(view: View, rows: readonly Row[]): TemplateResult {
  const { say } = view;
  return html`<table class="levels" part="table" role="table" aria-labelledby="access">
    <thead class="hidden" role="rowgroup">
      <tr role="row">
        <th role="columnheader" scope="col">${say("libraries")}</th>
        <th role="columnheader" scope="col">${say("access")}</th>
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${repeat(
        rows,
        ({ id }) => id,
        (row) => libraryRow(view, row),
      )}
    </tbody>
  </table>`;
}

function libraryRow(view: View, row: Row): TemplateResult {
  const { act, say } = view;
  const { id, name, choice, saved, exists } = row;
  const isChanged = choice !== saved;
  // Nothing can be given in a library that is gone, only taken back.
  const choices = CHOICES.filter((one) => exists || one === "NONE" || one === saved);
  return html`<tr
    class=${isChanged ? "changed" : ""}
    part="row ${isChanged ? "changed" : ""}"
    role="row"
  >
    <th role="rowheader" scope="row">
      <div>${name}</div>
      ${name === id && exists ? nothing : html`<small>${exists ? id : say("gone")}</small>`}
    </th>
    <td role="cell">
      ${savedView(say, isChanged ? sayChoice(say, saved) : null)}
      <div
        class="choices"
        part="choices"
        role="radiogroup"
        aria-label=${say("accessTo", { library: name })}
      >
        ${choices.map(
          (one) =>
            html`<label class=${one === "NONE" ? "off" : ""} part="choice">
              <input
                type="radio"
                name="library-${id}"
                .checked=${one === choice}
                @change=${() => act.choose(id, one)}
              />${sayChoice(say, one)}
            </label>`,
        )}
      </div>
    </td>
  </tr>`;
}
