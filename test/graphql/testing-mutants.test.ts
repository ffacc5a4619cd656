import { afterEach, expect, it, vi } from "vitest";
import { execute, GraphQLError, type GraphQLField } from "graphql";
import type * as CallerModule from "../../src/core/caller.js";
import type * as CheckModule from "../../src/graphql/check.js";
import type * as GuardModule from "../../src/graphql/guard.js";
import type * as InjectModule from "../../src/graphql/inject.js";
import type * as InspectModule from "../../src/graphql/inspect.js";
import type * as JudgeModule from "../../src/graphql/judge.js";
import type * as LoadModule from "../../src/graphql/load.js";
import type * as LockModule from "../../src/graphql/lock.js";
import type { FieldPlan, Model, ValuePlan } from "../../src/graphql/model.js";
import type * as PlanModule from "../../src/graphql/plan.js";
import type * as PlannerModule from "../../src/graphql/planner.js";
import type * as ResultsModule from "../../src/graphql/results.js";
import type * as ShortcutModule from "../../src/graphql/shortcut.js";

/**
 * Guards that are broken on purpose. A proof is worth what it catches.
 */
interface Mutant {
  readonly name: string;
  readonly module: string;
  readonly patch: (original: never) => object;
  readonly says: RegExp;
  /** Root fields of the schema that is proved. */
  readonly fields: string;
}

const mutant = <Module extends object>(
  name: string,
  module: string,
  patch: (original: Module) => Partial<Record<keyof Module, unknown>>,
  says: RegExp,
  fields = "assets maybe search move",
): Mutant => ({ name, module, patch: patch as Mutant["patch"], says, fields });

const withValues = (plan: FieldPlan, change: (value: ValuePlan) => ValuePlan): FieldPlan => ({
  ...plan,
  values: plan.values.map(change),
});

/** Every list cut to its first item. */
function firstOnly(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(firstOnly);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, firstOnly(item)]));
}

/** Every list of objects cut to its first item. */
function firstObjectOnly(value: unknown): unknown {
  if (Array.isArray(value)) {
    const isOfObjects = value.some((item) => typeof item === "object" && item !== null);
    return (isOfObjects ? value.slice(0, 1) : value).map(firstObjectOnly);
  }
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, firstObjectOnly(item)]);
  return Object.fromEntries(entries);
}

type Judge = typeof JudgeModule;
type Args = Parameters<Judge["judgeField"]>;

const judging = (
  name: string,
  change: (...args: Args) => Args | null,
  says: RegExp,
  fields?: string,
): Mutant =>
  mutant<Judge>(
    name,
    "graphql/judge.js",
    ({ judgeField }) => ({
      judgeField: (...args: Args) => {
        const given = change(...args);
        return given === null ? null : judgeField(...given);
      },
    }),
    says,
    fields,
  );

const locking = (
  name: string,
  change: (model: Model) => Model,
  says: RegExp,
  fields?: string,
): Mutant =>
  mutant<typeof LockModule>(
    name,
    "graphql/lock.js",
    ({ lockSchema }) => ({
      lockSchema: (...[schema, parts]: Parameters<typeof lockSchema>) =>
        lockSchema(schema, { ...parts, model: change(parts.model) }),
    }),
    says,
    fields,
  );

const mutants: readonly Mutant[] = [
  judging("nothing is judged but literal text", () => null, /is allowed, although it needs/),
  judging(
    "only the first of a list is judged",
    (plan, args, ...rest) => [plan, firstOnly(args) as Args[1], ...rest],
    /libraries: \["720001", "720003"\]/,
  ),
  judging(
    "only the first of a list of input objects is judged",
    (plan, args, ...rest) => [plan, firstObjectOnly(args) as Args[1], ...rest],
    /is allowed, although it needs/,
    "filtered",
  ),
  judging(
    "organizations in nested input are not judged",
    (plan, ...rest) => [
      withValues(plan, (value) => ({
        ...value,
        inside: value.inside && {
          ...value.inside,
          fields: value.inside.fields.map((field) => ({
            ...field,
            rules: field.rules.filter(({ kind }) => kind !== "organization"),
          })),
        },
      })),
      ...rest,
    ],
    /Query\.filtered.*needs organization 910003/,
    "filtered",
  ),
  judging(
    "members of a oneOf are not judged",
    (plan, ...rest) => [
      withValues(plan, (value) => ({
        ...value,
        inside: value.inside?.oneOf ? null : value.inside,
      })),
      ...rest,
    ],
    /Query\.picked/,
    "picked",
  ),
  judging(
    "selectors of withAccess are not asked",
    (plan, ...rest) => [{ ...plan, selector: null }, ...rest],
    /Query\.report.*needs read on library 720003 of organization 910001/,
    "report assets",
  ),
  mutant<typeof CallerModule>(
    "the organization of a library is not looked at",
    "core/caller.js",
    ({ reaches }) => ({
      reaches: (...[caller, level, , id]: Parameters<typeof reaches>) =>
        reaches(caller, level, caller.organizationId, id),
    }),
    /was resolved of an object of \{"organizationId":"910003","libraryId":"720001"\}/,
  ),
  mutant<typeof CallerModule>(
    "read is enough to write",
    "core/caller.js",
    ({ reaches }) => ({
      reaches: (...[caller, , ...library]: Parameters<typeof reaches>) =>
        reaches(caller, "read", ...library),
    }),
    /Mutation\.move, as a caller granted only read on library 720002: is allowed/,
  ),
  mutant<typeof CallerModule>(
    "any key may create",
    "core/caller.js",
    () => ({ reachesAny: () => true }),
    /Mutation\.create, as a caller granted nothing: is allowed, although it needs write on some/,
    "assets create",
  ),
  mutant<typeof CallerModule>(
    "the level of every mutation is write on all of a key's libraries",
    "core/caller.js",
    ({ reaches }) => ({
      reaches: (...[caller, level, ...library]: Parameters<typeof reaches>) =>
        reaches(caller, level, ...library) &&
        [...Object.values(caller.access)].every((given) => level === "read" || given === "write"),
    }),
    /Mutation\.move, as a caller granted everything it names: is refused/,
  ),
  mutant<typeof InspectModule>(
    "there is no first lock",
    "graphql/inspect.js",
    ({ createInspector }) => ({
      createInspector: (...args: Parameters<typeof createInspector>) => ({
        ...createInspector(...args),
        entriesOf: () => [],
      }),
    }),
    /is allowed, although it needs read on library 720003/,
  ),
  locking(
    "there is no second lock",
    (model) => ({ ...model, fields: new Map() }),
    /the resolver of Mutation\.move ran with .*, past the check/,
  ),
  locking(
    "results are not filtered",
    (model) => ({ ...model, types: new Map() }),
    /was resolved of an object of \{"organizationId":"910001","libraryId":"720003"\}/,
  ),
  mutant<typeof InjectModule>(
    "what is left out is not filled in",
    "graphql/inject.js",
    () => ({ inject: (...[, args]: Parameters<typeof InjectModule.inject>) => args }),
    /Query\.search, .*did not receive the libraries within reach for "libraries"/,
    "search",
  ),
  mutant<typeof InjectModule>(
    "the organization of the caller is not filled in",
    "graphql/inject.js",
    ({ inject }) => ({
      inject: (...[plan, args, ...rest]: Parameters<typeof inject>) => ({
        ...inject(plan, args, ...rest),
        organizationId: args.organizationId,
      }),
    }),
    /Query\.mine, .*did not receive the organization for "organizationId"/,
    "mine",
  ),
  locking(
    "lists forget the places of what they drop",
    (model) => ({ ...model, positional: new Set() }),
    /Query\.nodes answered/,
    "nodes",
  ),
  mutant<typeof PlannerModule>(
    "named fragments are not followed",
    "graphql/planner.js",
    ({ createPlanner }) => ({
      createPlanner: (...args: Parameters<typeof createPlanner>) => {
        const plan = createPlanner(...args);
        return (...[document, operation, ...rest]: Parameters<typeof plan>) =>
          plan({ ...document, definitions: [operation] }, operation, ...rest);
      },
    }),
    /is allowed[^]*\.\.\.Tried/,
  ),
  mutant<typeof PlanModule>(
    "whatever has a condition is left out",
    "graphql/plan.js",
    () => ({ activeEntries: () => [] }),
    /is allowed[^]*@include/,
  ),
  mutant<typeof ShortcutModule>(
    "variables count as given well",
    "graphql/shortcut.js",
    ({ shortcutsOf }) => ({
      shortcutsOf: (...args: Parameters<typeof shortcutsOf>) =>
        shortcutsOf(...args)?.map((shortcut, i) =>
          "variable" in shortcut ? { constant: i === 0 ? "910001" : "720001" } : shortcut,
        ) ?? null,
    }),
    /is allowed[^]*\$v1: ID!/,
  ),
  mutant<typeof ResultsModule>(
    "what is out of reach is dropped from lists only",
    "graphql/results.js",
    ({ admit, DENIED }) => ({
      admit: (...args: Parameters<typeof admit>) => {
        const admitted = admit(...args);
        return admitted === DENIED ? args[1] : admitted;
      },
    }),
    /Query\.maybe, .*was resolved of an object of .*720003/,
  ),
  mutant<typeof ResultsModule>(
    "interfaces and unions are not looked behind",
    "graphql/results.js",
    ({ resultPlanOf }) => ({
      resultPlanOf: (...args: Parameters<typeof resultPlanOf>) => {
        const plan = resultPlanOf(...args);
        return plan?.abstract ? null : plan;
      },
    }),
    /Query\.nodes/,
    "nodes",
  ),
  mutant<typeof ResultsModule>(
    "promises are let through",
    "graphql/results.js",
    ({ admit }) => ({
      admit: (...args: Parameters<typeof admit>) =>
        args[1] instanceof Promise ? args[1] : admit(...args),
    }),
    /answered as a promise/,
  ),
  mutant<typeof ResultsModule>(
    "everything is dropped",
    "graphql/results.js",
    ({ DENIED }) => ({ admit: () => DENIED }),
    /Query\.maybe answered null where "Asset" is within reach/,
  ),
  mutant<typeof LoadModule>(
    "what is loaded is not judged",
    "graphql/load.js",
    () => ({ isWithinReach: () => true }),
    /Query\.loaded.*needs read on library 720003 of organization 910001/,
    "loaded",
  ),
  mutant<typeof CheckModule>(
    "a refused operation is answered with data",
    "graphql/check.js",
    ({ createCheck }) => ({
      createCheck: (...args: Parameters<typeof createCheck>) => {
        const check = createCheck(...args);
        return async (operation: Parameters<typeof check>[0]) => {
          const verdict = await check(operation);
          return verdict.ok ? verdict : { ...verdict, data: {} };
        };
      },
    }),
    /is refused by something else than errors without data/,
  ),
  mutant<typeof LockModule>(
    "sources of subscriptions open unasked",
    "graphql/lock.js",
    ({ lockSchema }) => ({
      lockSchema: (...args: Parameters<typeof lockSchema>) => {
        const locked = lockSchema(...args);
        const original = args[0].getSubscriptionType()!.getFields();
        const fields: Record<string, GraphQLField<any, any>> = locked
          .getSubscriptionType()!
          .getFields();
        for (const field of Object.values(fields))
          field.subscribe = original[field.name]!.subscribe!;
        return locked;
      },
    }),
    /the resolver of Subscription\.changed ran with .*, past the check/,
    "assets changed",
  ),
  mutant<typeof LockModule>(
    "resolvers receive what was not asked for",
    "graphql/lock.js",
    ({ lockSchema }) => ({
      lockSchema: (...[schema, parts]: Parameters<typeof lockSchema>) => {
        const search = schema.getQueryType()!.getFields().search!;
        const resolve = search.resolve!;
        search.resolve = (source, args, ...rest) =>
          resolve(source, { ...args, libraries: ["720001", "720003"] }, ...rest);
        return lockSchema(schema, parts);
      },
    }),
    /the resolver of Query\.search received 720003/,
    "search",
  ),
  mutant<typeof ResultsModule>(
    "lists come out empty",
    "graphql/results.js",
    ({ admit }) => ({
      admit: (...args: Parameters<typeof admit>) => (Array.isArray(args[1]) ? [] : admit(...args)),
    }),
    /Asset\.siblings, .*is allowed, and its resolver did not run/,
    "assets",
  ),
  mutant<typeof GuardModule>(
    "resolvers run before the verdict",
    "graphql/guard.js",
    ({ createGuard }) => ({
      createGuard: (...args: Parameters<typeof createGuard>) => {
        const guard = createGuard(...args);
        return {
          ...guard,
          async check(operation: Parameters<typeof guard.check>[0]) {
            const { document, context: contextValue, variableValues } = operation;
            await execute({
              schema: args[0],
              document,
              contextValue,
              variableValues: variableValues!,
            });
            return guard.check(operation);
          },
        };
      },
    }),
    /Query\.maybe ran before the verdict/,
    "maybe",
  ),
  mutant<typeof GuardModule>(
    "everything is refused",
    "graphql/guard.js",
    ({ createGuard }) => ({
      createGuard: (...args: Parameters<typeof createGuard>) => ({
        ...createGuard(...args),
        check: async () => {
          const error = new GraphQLError("No.", { extensions: { code: "UNAUTHORIZED" } });
          return { ok: false, refusals: [{}], errors: [error] };
        },
      }),
    }),
    /granted nothing: \{ __typename \} is refused/,
    "maybe",
  ),
];

afterEach(() => {
  vi.doUnmock("../../src/graphql/judge.js");
  vi.resetModules();
});

async function prove(fields: string) {
  const { proveAccess } = await import("../../src/graphql/testing.js");
  const { makeSchema, options, fewer, only } = await import("./testing-schema.js");
  const { rules, samples } = options;
  const kept = fields.split(" ");
  return proveAccess(makeSchema(fewer(kept)), {
    rules: only(rules, kept),
    samples: { ...samples, targets: only(samples.targets, kept), values: {} },
  });
}

it.each(mutants)("catches a guard in which $name", { timeout: 60_000 }, async (one) => {
  const file = `../../src/${one.module}`;
  vi.resetModules();
  vi.doMock(file, async (original) => {
    const module = (await original()) as object;
    return { ...module, ...one.patch(module as never) };
  });
  try {
    await expect(prove(one.fields)).rejects.toThrow(one.says);
  } finally {
    vi.doUnmock(file);
  }
});

it("finds nothing in the guard as it is", { timeout: 60_000 }, async () => {
  const all = [...new Set(mutants.flatMap(({ fields }) => fields.split(" ")))];
  await expect(prove(all.join(" "))).resolves.toMatchObject({ unproved: [] });
});
