/** Yoga as an adapter's server. */
import { inspect } from "node:util";
import { createYoga, type Plugin, type YogaServerOptions } from "graphql-yoga";
import { useApiKeys, type YogaOptions } from "../../src/adapters/yoga.js";
import { hintsOf, keysIn } from "../support/canary.js";
import type { AdapterServer, Parts } from "./subject.js";

type Settings = Omit<YogaServerOptions<object, object>, "plugins" | "schema"> & {
  readonly schema?: YogaServerOptions<object, object>["schema"];
  /** Plugins before `useApiKeys`. */
  readonly before?: readonly Plugin<any>[];
  /** Plugins after it. */
  readonly after?: readonly Plugin<any>[];
  /** More options of `useApiKeys`. */
  readonly options?: Partial<YogaOptions>;
};

/** What Yoga logged: each line as Node would print it, and the keys in anything it refers to. */
const logged: { readonly text: string; readonly keys: readonly string[] }[] = [];

const record = (...values: unknown[]) =>
  void logged.push({ text: values.map((value) => inspect(value)).join(" "), keys: keysIn(values) });

const logging = { debug: record, info: record, warn: record, error: record };

/** Fails when Yoga logged a key since the last time; says what it logged. */
export function takeLog(): string {
  const lines = logged.splice(0);
  const keys = lines.flatMap((line) => line.keys);
  if (keys.length > 0) throw new Error(`Yoga logged a key: ${hintsOf(keys)}`);
  return lines.map(({ text }) => text).join("\n");
}

/** A Yoga with `useApiKeys`, and other plugins around it. */
export function createGuardedYoga(parts: Parts, settings: Settings = {}) {
  const { before = [], after = [], options = {}, ...yoga } = settings;
  const { apiKeys, guard, trustProxy } = parts;
  return createYoga<object, object>({
    schema: guard.schema,
    logging,
    ...yoga,
    plugins: [
      ...before,
      useApiKeys({ apiKeys, guard, ...(trustProxy !== undefined && { trustProxy }), ...options }),
      ...after,
    ],
  });
}

export const yogaServer: AdapterServer = {
  capabilities: ["get", "batch", "uploads", "cors", "pages"],
  handle: (parts) =>
    createGuardedYoga(parts, {
      batching: true,
      cors: {
        origin: ["https://example.com", "https://example.org"],
        allowedHeaders: ["authorization", "content-type"],
        exposedHeaders: ["www-authenticate"],
      },
    }),
};
