import { html, LitElement, nothing, type PropertyValues } from "lit";
import { createClient, type SettingsFetcher } from "./client.js";
import { createController, type Controller } from "./controller.js";
import { dialogView } from "./dialog-view.js";
import { keyView } from "./key-view.js";
import { listView } from "./list-view.js";
import { hasUnsaved, initialState, type State } from "./state.js";
import { base } from "./styles.js";
import { controls } from "./styles-controls.js";
import { tables } from "./styles-tables.js";
import { createSay, type SettingsTexts } from "./texts.js";
import { createTimes } from "./times.js";

/** `<api-keys-settings>`: what stands behind the public names of index.ts. */
export class SettingsElement extends LitElement {
  static override styles = [base, controls, tables];

  static override properties = {
    endpoint: {},
    organization: {},
    texts: { attribute: false },
    fetcher: { attribute: false },
    state: { state: true },
  };

  declare endpoint: string;
  declare organization: string;
  declare texts: Partial<SettingsTexts>;
  declare fetcher: SettingsFetcher;
  declare state: State;

  #controller: Controller | undefined;
  /** Where the focus goes back to when a key is closed. */
  #lastOpen = "";
  /** Whether something in here had the focus before an update, which may take it away. */
  #hadFocus = false;

  constructor() {
    super();
    this.endpoint = "";
    this.organization = "";
    this.texts = {};
    this.fetcher = (url, init) => fetch(url, init);
    this.state = initialState;
  }

  get hasUnsavedChanges(): boolean {
    return hasUnsaved(this.state) || this.state.dialog?.type === "secret";
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener("beforeunload", this.#guard);
    addEventListener("pagehide", this.#forget);
    if (this.hasUpdated) this.#begin();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener("beforeunload", this.#guard);
    removeEventListener("pagehide", this.#forget);
    this.#controller?.end();
    this.state = initialState;
    // The key goes at once, not with an update that may be late.
    this.renderRoot.querySelector("dialog")?.remove();
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (["endpoint", "organization"].some((name) => changed.has(name))) this.#begin();
    const before = changed.get("state") as State | undefined;
    // Closed before it goes, so that the focus returns to where it came from.
    if (before?.dialog && before.dialog.type !== this.state.dialog?.type) {
      this.renderRoot.querySelector("dialog")?.close();
    }
    this.#hadFocus = this.#isFocused;
  }

  protected override render() {
    if (!this.#controller) return nothing;
    const { state } = this;
    const language = this.closest<HTMLElement>("[lang]")?.lang;
    const say = createSay(this.texts);
    const view = {
      state,
      act: this.#controller,
      say,
      times: createTimes(language, say("justNow"), Date.now),
      now: Date.now(),
    };
    return html`${state.editing ? keyView(view, state.editing) : listView(view)}
    ${state.dialog ? dialogView(view, state.dialog) : nothing}`;
  }

  protected override updated(changed: PropertyValues): void {
    const before = changed.get("state") as State | undefined;
    if (!before) return;
    const { dialog, editing } = this.state;
    const shown = this.renderRoot.querySelector("dialog");
    if (shown && dialog && dialog.type !== before.dialog?.type) {
      shown.showModal();
      shown.querySelector<HTMLElement>("[data-first]")?.focus();
    }
    if (editing) this.#lastOpen = editing.base.id;
    if (problemIn(this.state) !== problemIn(before)) {
      this.renderRoot.querySelector<HTMLElement>("[aria-invalid]")?.focus();
    }
    if (dialog) return;
    const isMoved = (before.editing === null) !== (editing === null);
    const isTurned = Boolean(before.editing?.conflict) !== Boolean(editing?.conflict);
    if (isMoved || isTurned) this.#focusPlace(editing === null);
    // Whoever pressed what is gone by now goes on where it is said what became of it.
    if (this.#hadFocus && !this.#isFocused && !this.#focus("#notice")) this.#focus("#heading");
  }

  get #isFocused(): boolean {
    return this.shadowRoot?.activeElement !== null;
  }

  #focus(selector: string): boolean {
    const found = this.renderRoot.querySelector<HTMLElement>(selector);
    found?.focus({ preventScroll: true });
    return found !== null;
  }

  #focusPlace(isList: boolean): void {
    const opener = this.renderRoot.querySelector<HTMLElement>(
      `[data-key="${CSS.escape(this.#lastOpen)}"]`,
    );
    const heading = this.renderRoot.querySelector<HTMLElement>(
      this.state.editing?.conflict ? "#conflict" : "#heading",
    );
    (isList && opener ? opener : heading)?.focus();
  }

  #begin(): void {
    this.#controller?.end();
    this.#controller = undefined;
    this.state = initialState;
    if (!this.isConnected || this.endpoint === "" || this.organization === "") return;
    // Frameworks hand over another function at each render, which must not take away the key that is shown.
    const fetcher: SettingsFetcher = (url, init) => this.fetcher(url, init);
    const client = createClient(this.endpoint, this.organization, fetcher);
    this.#controller = createController(client, (state) => (this.state = state));
    this.#controller.load();
  }

  #guard = (event: BeforeUnloadEvent): void => {
    if (this.hasUnsavedChanges) event.preventDefault();
  };

  /** A page may be kept for the way back; a key must not. */
  #forget = (): void => {
    if (this.state.dialog?.type === "secret") this.#controller?.dismiss();
  };
}

/** What was said last; another one may be about a field, which is then to be mended. */
function problemIn({ dialog, notice }: State): object | null {
  return dialog && "problem" in dialog ? dialog.problem : notice;
}
