import type { Client } from "./client.js";
import { savedBy, type Field, type Side } from "./draft.js";
import * as edits from "./edits.js";
import type { Filter } from "./libraries.js";
import {
  conflicted,
  initialState,
  opened,
  rebased,
  withKey,
  withoutKey,
  withPage,
  type Editing,
  type Problem,
  type State,
} from "./state.js";
import type { Answer, ApiKey, Changes, Choice } from "./types.js";

/** What people can do. */
export type Controller = ReturnType<typeof createController>;

/**
 * Carries out what people do. Every step shows a new state; at most one change is on its way.
 *
 * @param client - The management API.
 * @param show - Is told of every new state.
 */
export function createController(client: Client, show: (state: State) => void) {
  let state = initialState;
  let isEnded = false;

  function set(change: Partial<State>): void {
    if (isEnded) return;
    state = { ...state, ...change };
    show(state);
  }

  async function loadKeys(): Promise<void> {
    const { endCursor } = state.list;
    set({ list: { ...state.list, type: "loading", failure: null } });
    const page = await client.keys(endCursor);
    set({ list: withPage(state.list, page) });
  }

  async function loadLibraries(): Promise<void> {
    set({ libraries: initialState.libraries });
    const page = await client.libraries();
    set({ libraries: withPage(state.libraries, page) });
  }

  /** One change at a time: what is pressed twice is done once. */
  async function once(work: () => Promise<void>): Promise<void> {
    if (state.isBusy) return;
    set({ isBusy: true, notice: null });
    try {
      await work();
    } finally {
      set({ isBusy: false });
    }
  }

  /** What any change may be answered with instead of what was asked for. */
  function refuse(answer: Answer, of: ApiKey | null): void {
    switch (answer.type) {
      case "issued":
      case "changed":
      case "deleted":
        return complain({ type: "server" });
      case "invalid":
        return complain({ type: "invalid", message: answer.message });
      case "failed":
        return complain({ type: answer.failure });
      case "conflict":
        if (answer.apiKey === null) return refuse({ type: "notFound" }, of);
        return set({ ...conflicted(state, answer.apiKey), dialog: null });
      case "notFound":
        if (of) set(withoutKey(state, of.id));
        return lose(of?.name ?? "");
    }
  }

  /** Says it where it happened. */
  function complain(problem: Problem): void {
    const { dialog } = state;
    if (dialog && "problem" in dialog) set({ dialog: { ...dialog, problem } });
    else set({ notice: problem });
  }

  function lose(name: string): void {
    set({ dialog: null, notice: { type: "deletedElsewhere", name } });
  }

  /** Everything that differs, in one change. */
  async function saveAll({ base, draft }: Editing): Promise<void> {
    const name = draft.name.trim();
    const changes = savedBy(base, { ...draft, name });
    const problem = problemOf(name, changes);
    if (problem) return complain(problem);
    set(edits.renamed(state, name));
    if (Object.keys(changes).length === 0) return;
    await update(base, changes, "saved");
  }

  async function update(
    apiKey: ApiKey,
    changes: Changes,
    type: "saved" | "disabledNow" | "enabledNow",
  ): Promise<void> {
    const answer = await client.update(apiKey, changes);
    if (answer.type !== "changed") return refuse(answer, apiKey);
    set({ ...rebased(state, answer.apiKey), dialog: null, notice: { type } });
  }

  function showKey(key: string, apiKey: ApiKey): void {
    set({ ...rebased(state, apiKey), dialog: { type: "secret", key, apiKey, copying: "untried" } });
  }

  return {
    loadLibraries,
    loadKeys,

    load(): void {
      void loadKeys();
      void loadLibraries();
    },

    /** Forgets everything, the key that is shown first of all. */
    end(): void {
      state = initialState;
      isEnded = true;
    },

    open(apiKey: ApiKey): void {
      set(opened(state, apiKey));
    },

    rename: (name: string) => set(edits.renamed(state, name)),
    choose: (libraryId: string, choice: Choice) => set(edits.chosen(state, libraryId, choice)),
    chooseShown: (choice: Choice) => set(edits.chosenForShown(state, choice)),
    filter: (filter: Partial<Filter>) => set(edits.filtered(state, filter)),
    showAllRows: () => set(edits.withAllRows(state)),
    expire: (expiresAt: string | null) => set(edits.expiring(state, expiresAt)),
    discard: () => set(edits.discarded(state)),
    decide: (field: Field, side: Side) => set(edits.decided(state, field, side)),
    goOn: () => set(edits.wentOn(state)),

    /** Not while a change is on its way: what becomes of it is to be seen. */
    back(): void {
      if (!state.isBusy) set(edits.back(state));
    },

    save: () =>
      once(async () => {
        if (state.editing) await saveAll(state.editing);
      }),

    enable: () =>
      once(async () => {
        if (state.editing) await update(state.editing.base, { enabled: true }, "enabledNow");
      }),

    ask(type: "generate" | "regenerate" | "disable" | "delete" | "discard"): void {
      const dialog =
        type === "discard" ? { type } : { type, submissionId: crypto.randomUUID(), problem: null };
      if (!state.isBusy) set({ dialog, notice: null });
    },

    /** Closes what is asked, or forgets the key that is shown. */
    dismiss(type = state.dialog?.type): void {
      const { dialog } = state;
      if (dialog === null || dialog.type !== type || (state.isBusy && dialog.type !== "secret"))
        return;
      if (dialog.type === "secret" && !state.editing) set(opened(state, dialog.apiKey));
      set({ dialog: null });
    },

    generate: (input: string) =>
      once(async () => {
        const { dialog } = state;
        if (dialog?.type !== "generate") return;
        const name = input.trim();
        if (name === "") return complain({ type: "nameMissing" });
        const answer = await client.create(name, dialog.submissionId);
        if (answer.type === "issued") return showKey(answer.key, answer.apiKey);
        if (answer.type !== "conflict") return refuse(answer, null);
        if (answer.apiKey === null) return lose(name);
        // The same form was sent before: its answer got lost, and what it made is there.
        set({ ...opened(withKey(state, answer.apiKey), answer.apiKey), dialog: null });
        set({ notice: { type: "issuedBefore" } });
      }),

    /** Does what was asked about. */
    confirm: () =>
      once(async () => {
        const apiKey = state.editing?.base;
        if (!apiKey || state.dialog === null) return;
        if (state.dialog.type === "regenerate") {
          const answer = await client.regenerate(apiKey);
          if (answer.type === "issued") showKey(answer.key, answer.apiKey);
          else refuse(answer, apiKey);
        } else if (state.dialog.type === "disable") {
          await update(apiKey, { enabled: false }, "disabledNow");
        } else if (state.dialog.type === "delete") {
          const answer = await client.delete(apiKey);
          if (answer.type === "deleted") {
            const notice = { type: "deleted", name: apiKey.name } as const;
            set({ ...withoutKey(state, apiKey.id), dialog: null, notice });
          } else refuse(answer, apiKey);
        }
      }),

    copying(copying: "copied" | "refused" | "warned"): void {
      if (state.dialog?.type === "secret") set({ dialog: { ...state.dialog, copying } });
    },
  };
}

/** What is wrong with a change before it is sent; what the server finds besides, it says. */
function problemOf(name: string, { expiresAt }: Changes): Problem | null {
  if (name === "") return { type: "nameMissing" };
  if (expiresAt === "") return { type: "expiryUnclear" };
  const isPast = typeof expiresAt === "string" && Date.parse(expiresAt) <= Date.now();
  return isPast ? { type: "expiryPast" } : null;
}
