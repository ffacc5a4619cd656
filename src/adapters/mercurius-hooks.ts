import type { MercuriusInstance } from "./mercurius-types.js";

/** Runs the host's hooks of a name, one after the other. */
export type RunHooks = (name: string, ...args: readonly unknown[]) => Promise<void>;

type AddHook = (name: string, hook: (...args: readonly unknown[]) => unknown) => void;

/** Collects the hooks that a host adds from now on: Mercurius runs those of subscriptions on its own transport alone. */
export function collectHooks({ graphql }: MercuriusInstance): RunHooks {
  const hooks = new Map<string, ((...args: readonly unknown[]) => unknown)[]>();
  const add = graphql.addHook as AddHook;
  const addAndNote: AddHook = (name, hook) => {
    add.call(graphql, name, hook); // throws when it is none
    hooks.set(name, [...(hooks.get(name) ?? []), hook]);
  };
  graphql.addHook = addAndNote as typeof graphql.addHook;
  return async (name, ...args) => {
    for (const hook of hooks.get(name) ?? []) await hook(...args);
  };
}
