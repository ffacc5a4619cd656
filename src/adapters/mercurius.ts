import type { GraphQLSchema } from "graphql";
import type { MercuriusOptions } from "mercurius";
import type { ApiKeys } from "../core/api-keys.js";
import type { Caller } from "../core/caller.js";
import { checkFunction, checkOptions } from "../core/check.js";
import { createCleaner } from "../graphql/clean-error.js";
import { guardInternalsOf, type Guard } from "../graphql/guard.js";
import { createGate, findCaller } from "../http/authenticate.js";
import type { OtherCallers } from "../http/others.js";
import type { TrustProxy } from "../http/transport.js";
import { createFormatter } from "./mercurius-errors.js";
import { guardOperations } from "./mercurius-operations.js";
import { createRequests } from "./mercurius-requests.js";
import type {
  Formatter,
  MercuriusDefaults,
  MercuriusInstance,
  MercuriusPlugin,
  MercuriusReply,
  MercuriusRequest,
} from "./mercurius-types.js";

export type { MercuriusInstance, MercuriusPlugin, MercuriusRequest } from "./mercurius-types.js";

/** Options of {@link createPlugin}. */
export interface MercuriusGuardOptions {
  /** What `createApiKeys` returned. */
  readonly apiKeys: ApiKeys;
  /** What `createGuard` returned; or a function that guards what Mercurius makes of `schema`, `resolvers` and `loaders`. */
  readonly guard: Guard | ((schema: GraphQLSchema) => Guard);
  /** Proxies that end TLS in front of this server, whatever Fastify's own `trustProxy`. Default: none. */
  readonly trustProxy?: TrustProxy;
  /** Who a request is that carries no API key; null: nobody. As for the other adapters, asked of preflighted requests only. */
  readonly otherCallers?: OtherCallers<MercuriusRequest>;
}

/** What the plugin adds to the context of resolvers. */
export interface MercuriusCallerContext {
  readonly caller: Caller;
}

// What would run operations past the guard, and what would replace its resolvers.
const REFUSED = ["jit", "subscription"] as const;
const MAKES_SCHEMA = ["schema", "resolvers", "loaders", "schemaTransforms"] as const;

/**
 * Wraps the plugin `mercurius`: every request is authenticated before its document is parsed, every operation is checked
 * before it runs, and resolvers find `caller` in their context. Operations run through `reply.graphql`, also in routes of
 * the host, and none without a request.
 *
 * @param plugin - `mercurius`.
 * @param options - Keys, guard and proxies.
 * @returns A plugin for `app.register`, to be given the options of Mercurius, but neither `jit` nor `subscription`.
 * @throws TypeError or RangeError when an option is not as described; registering it, when one of Mercurius' cannot be had.
 * @example
 * ```ts
 * import Fastify from "fastify";
 * import mercurius from "mercurius";
 * import type { ApiKeys } from "graphql-api-keys";
 * import { createPlugin } from "graphql-api-keys/adapters/mercurius";
 * import type { Guard } from "graphql-api-keys/graphql";
 *
 * export async function createApp(apiKeys: ApiKeys, guard: Guard) {
 *   const app = Fastify({ trustProxy: false });
 *   await app.register(createPlugin(mercurius, { apiKeys, guard }));
 *   return app;
 * }
 * ```
 */
export function createPlugin(
  plugin: MercuriusPlugin & MercuriusDefaults,
  options: MercuriusGuardOptions,
): (instance: MercuriusInstance, options?: MercuriusOptions) => Promise<void> {
  checkFunction("plugin", plugin);
  checkOptions("options", options, ["apiKeys", "guard", "trustProxy", "otherCallers"]);
  const { apiKeys, trustProxy, otherCallers } = options;
  const gate = createGate<MercuriusRequest>(apiKeys, { trustProxy, otherCallers });
  const requests = createRequests(apiKeys, gate);
  const cleaner = createCleaner(apiKeys);
  const { guard: given } = options;
  const made = typeof given === "function" ? null : given;
  const make = typeof given === "function" ? given : () => given;
  if (made !== null) guardInternalsOf(made);

  async function guarded(app: MercuriusInstance, settings: MercuriusOptions = {}): Promise<void> {
    const refused = REFUSED.find((name) => settings[name]);
    if (refused) throw new TypeError(`Mercurius cannot have "${refused}" beside a guard.`);
    if (made && MAKES_SCHEMA.some((name) => settings[name] && settings[name] !== made.schema)) {
      throw new TypeError("Beside options that make a schema, guard has to be a function of it.");
    }
    const { additionalRouteOptions: theirs = {}, context, errorFormatter } = settings;
    const format = (errorFormatter ?? plugin.defaultErrorFormatter) as Formatter;
    const { hooks } = requests;
    await app.register(plugin, {
      ...settings,
      ...(made && { schema: made.schema }),
      errorFormatter: createFormatter(format, cleaner) as NonNullable<
        MercuriusOptions["errorFormatter"]
      >,
      context: async (request: MercuriusRequest, reply: MercuriusReply) => ({
        ...(await context?.(request, reply)),
        caller: findCaller(request),
      }),
      additionalRouteOptions: {
        ...theirs,
        preParsing: [hooks.preParsing, theirs.preParsing].flat().filter(isGiven),
        preValidation: [hooks.preValidation, theirs.preValidation].flat().filter(isGiven),
        onSend: [hooks.onSend, theirs.onSend].flat().filter(isGiven),
      },
    });
    const guard = make(app.graphql.schema);
    app.graphql.replaceSchema(guard.schema);
    guardOperations(app, guard, requests);
  }

  // As fastify-plugin has it: what Mercurius adds to Fastify is the host's too.
  return Object.assign(guarded, { [Symbol.for("skip-override")]: true });
}

const isGiven = <T>(value: T | undefined): value is T => value !== undefined;
