/** Guards of scenes, with resolvers that note their calls. */
import {
  buildSchema,
  defaultFieldResolver,
  isAbstractType,
  isObjectType,
  type GraphQLSchema,
} from "graphql";
import {
  accessDirectives,
  createGuard,
  type Guard,
  type GuardOptions,
} from "../../../src/graphql/index.js";
import { selectorOf } from "../../../src/graphql/with-access.js";
import type { Scene } from "./row.js";

/** The texts in a value, in order. */
function leavesOf(value: unknown): readonly unknown[] {
  if (typeof value !== "object" || value === null) return [value];
  return Object.values(value).flatMap(leavesOf);
}

/** Answers what it received, so that data shows which values a resolver got. */
export function echo(_source: unknown, args: Readonly<Record<string, unknown>>): string {
  return leavesOf(args).join(" ");
}

/** Gives a scalar of the schema its parser, by the name that each major of graphql has for it. */
export function setParser(schema: GraphQLSchema, name: string, parse: (value: unknown) => unknown) {
  Object.assign(schema.getType(name)!, { parseValue: parse, coerceInputValue: parse });
}

interface Built {
  readonly guard: Guard;
  /** `Type.field arguments` of every resolver that ran. */
  readonly ran: string[];
}

/** The guard of a scene, and what runs in it. */
export function buildScene(scene: Scene): Built {
  const ran: string[] = [];
  const schema = buildSchema(`${accessDirectives}\n${scene.sdl}`);
  scene.prepare?.(schema);
  for (const type of Object.values(schema.getTypeMap())) {
    const own = scene.resolvers?.[type.name] ?? {};
    if (isAbstractType(type) && own["__resolveType"])
      type.resolveType = own["__resolveType"] as never;
    if (!isObjectType(type) || type.name.startsWith("__")) continue;
    for (const field of Object.values(type.getFields())) {
      const given = (own[field.name] ?? defaultFieldResolver) as typeof defaultFieldResolver;
      if (type === schema.getSubscriptionType()) {
        field.subscribe = given;
        field.resolve = (event) => event;
        continue;
      }
      if (own[field.name] === undefined) continue;
      const note: typeof given = (source, args, context, info) => {
        ran.push(`${type.name}.${field.name} ${JSON.stringify(args)}`);
        return given(source, args, context, info);
      };
      // A wrapper would hide the tag of withAccess from createGuard.
      field.resolve = selectorOf(given) ? given : note;
    }
  }
  const guard = createGuard(schema, { organization: "callers", ...scene.guard } as GuardOptions);
  return { guard, ran };
}
