import type mercurius from "mercurius";
import type { MercuriusContext, MercuriusOptions } from "mercurius";

/** The plugin `mercurius`, or one that takes the same. */
export type MercuriusPlugin = (instance: MercuriusInstance, options: MercuriusOptions) => void;
/** Fastify's instance. */
export type MercuriusInstance = Parameters<typeof mercurius>[0];
/** Fastify's request. */
export type MercuriusRequest = MercuriusContext["reply"]["request"];
/** Fastify's reply. */
export type MercuriusReply = MercuriusContext["reply"];
/** What Mercurius makes answers of errors with. */
export type Formatter = typeof mercurius.defaultErrorFormatter;
/** A document's variables. */
export type Variables = Readonly<Record<string, unknown>>;
