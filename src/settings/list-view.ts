import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { ApiKey } from "./types.js";
import { button, failureView, noticeView, type View } from "./view.js";

const LIBRARIES_SHOWN = 3;

/** The organization's keys. */
export function listView(view: View): TemplateResult {
  const { state, act, say } = view;
  const { type, nodes, endCursor, failure } = state.list;
  const isEmpty = type === "loaded" && nodes.length === 0;
  const generate = button({
    label: say("generate"),
    kind: "primary",
    press: () => act.ask("generate"),
  });
  return html`<section class="stack" part="list" aria-labelledby="heading">
    <div class="bar spread">
      <div class="grow tight">
        <h2 id="heading" part="heading" tabindex="-1">${say("heading")}</h2>
        <p class="muted">${say("intro")}</p>
      </div>
      ${nodes.length > 0 ? generate : nothing}
    </div>
    ${noticeView(view)}
    <p class="hidden" role="status">
      ${type === "loaded" ? say("loaded", { count: nodes.length }) : nothing}
    </p>
    ${
      nodes.length > 0
        ? html`<div class="panel" part="panel">${keysTable(view, nodes)}</div>`
        : nothing
    }
    ${
      isEmpty
        ? html`<div class="panel empty stack" part="panel empty">
            <div class="tight">
              <h3>${say("emptyHeading")}</h3>
              <p class="muted">${say("empty")}</p>
            </div>
            ${generate}
          </div>`
        : nothing
    }
    ${
      type === "loading" && nodes.length === 0
        ? html`<p class="panel empty muted" part="panel loading" aria-busy="true">
            ${say("loading")}
          </p>`
        : nothing
    }
    ${failureView(view, failure, () => void act.loadKeys())}
    ${
      nodes.length > 0 && endCursor !== null && failure === null
        ? html`<div>
            ${button({
              label: say(type === "loading" ? "loading" : "more"),
              isBusy: type === "loading",
              press: () => void act.loadKeys(),
            })}
          </div>`
        : nothing
    }
  </section>`;
}

// The roles are those of the elements: in a narrow container rows become blocks, which takes them away.
function keysTable(view: View, nodes: readonly ApiKey[]): TemplateResult {
  const { say } = view;
  const columns = [say("name"), say("key"), say("created"), say("lastUsed"), say("libraries")];
  return html`<table class="keys" part="table" role="table" aria-labelledby="heading">
    <thead role="rowgroup">
      <tr role="row">
        ${columns.map((label) => html`<th role="columnheader" scope="col">${label}</th>`)}
        <td role="cell"></td>
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${repeat(
        nodes,
        ({ id }) => id,
        (apiKey) => keyRow(view, apiKey),
      )}
    </tbody>
  </table>`;
}

function keyRow(view: View, apiKey: ApiKey): TemplateResult {
  const { act, say, times } = view;
  const { name, hint, createdAt, lastUsedAt } = apiKey;
  return html`<tr part="row" role="row">
    <th role="rowheader" scope="row">
      ${name} ${badges(view, apiKey)}
      ${
        view.state.kept.has(apiKey.id)
          ? html`<span class="badge unsaved" part="badge unsaved">${say("unsavedKey")}</span>`
          : nothing
      }
    </th>
    <td role="cell" data-label=${say("key")}><code>${hint}</code></td>
    <td class="nowrap" role="cell" data-label=${say("created")}>
      <time datetime=${createdAt} title=${times.exact(createdAt)}>${times.date(createdAt)}</time>
    </td>
    <td class="nowrap" role="cell" data-label=${say("lastUsed")}>${lastUsed(view, lastUsedAt)}</td>
    <td role="cell" data-label=${say("libraries")}>${reach(view, apiKey)}</td>
    <td role="cell">
      <button
        type="button"
        part="button"
        data-key=${apiKey.id}
        aria-label=${say("manageKey", { name })}
        @click=${() => act.open(apiKey)}
      >
        ${say("manage")}
      </button>
    </td>
  </tr>`;
}

/** "5 minutes ago", or never. */
export function lastUsed({ say, times }: View, iso: string | null): TemplateResult {
  if (iso === null) return html`<span class="muted">${say("never")}</span>`;
  return html`<time datetime=${iso} title=${times.exact(iso)}>${times.ago(iso)}</time>`;
}

/** Why a key is refused, or will be. */
export function badges({ say, times, now }: View, apiKey: ApiKey): readonly TemplateResult[] {
  const { enabled, expiresAt } = apiKey;
  const badge = (kind: string, label: string) =>
    html`<span class="badge ${kind}" part="badge ${kind}">${label}</span>`;
  const isExpired = expiresAt !== null && Date.parse(expiresAt) <= now;
  return [
    ...(enabled ? [] : [badge("off", say("disabled"))]),
    ...(isExpired ? [badge("off", say("expired"))] : []),
    ...(expiresAt !== null && !isExpired
      ? [badge("", say("expires", { date: times.date(expiresAt) }))]
      : []),
  ];
}

function reach({ state, say }: View, { access }: ApiKey): TemplateResult {
  if (access.size === 0) return html`<span class="muted">${say("noLibraries")}</span>`;
  const names = new Map(state.libraries.nodes.map(({ id, name }) => [id, name]));
  const rest = access.size - LIBRARIES_SHOWN;
  return html`<span class="badges">
    ${[...access]
      .slice(0, LIBRARIES_SHOWN)
      .map(
        ([id, level]) =>
          html`<span class="badge" part="badge" title=${names.get(id) ?? id}
            ><span class="cut">${names.get(id) ?? id}</span>
            <b>${say(level === "WRITE" ? "write" : "read")}</b></span
          >`,
      )}
    ${
      rest > 0
        ? html`<span class="badge" part="badge">${say("moreLibraries", { count: rest })}</span>`
        : nothing
    }
  </span>`;
}
