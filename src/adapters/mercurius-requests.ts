import { GraphQLError } from "graphql";
import type { MercuriusContext, MercuriusOptions } from "mercurius";
import type { ApiKeys } from "../core/api-keys.js";
import { isSameCaller, type Caller } from "../core/caller.js";
import { answerTo, type RequestFailure } from "../http/answer.js";
import { findCaller, type Gate } from "../http/authenticate.js";
import { setAnswerHeaders } from "../http/connect.js";
import { isLargeBody, nodeConnection } from "../http/node.js";
import { failure } from "./mercurius-errors.js";
import type { MercuriusReply, MercuriusRequest } from "./mercurius-types.js";

type RouteOptions = NonNullable<MercuriusOptions["additionalRouteOptions"]>;

/** How requests are let in. */
export interface Requests {
  /** Hooks of Mercurius' own routes. */
  readonly hooks: Required<Pick<RouteOptions, "preParsing" | "preValidation" | "onSend">>;
  /** The caller of the request behind a context; rejects with what to answer. */
  readonly callerOf: (context: Partial<MercuriusContext>) => Promise<Caller>;
}

/** Makes the door for HTTP. */
export function createRequests(apiKeys: ApiKeys, gate: Gate<MercuriusRequest>): Requests {
  /** Requests that were answered for, or let in, when all of them had arrived. */
  const settled = new WeakSet<object>();
  /** Whose loaders, with what they have cached, Mercurius keeps with a request. */
  const served = new WeakMap<object, Caller>();
  const connectionOf = (request: MercuriusRequest) => nodeConnection(request.raw, request.headers);
  const authenticate = async (request: MercuriusRequest) =>
    gate.authenticate(connectionOf(request), request);

  function refuse(
    request: MercuriusRequest,
    reply: MercuriusReply,
    reason: RequestFailure,
  ): string {
    settled.add(request);
    const { status, headers, message, code } = answerTo(reason);
    void reply.code(status).headers(headers).type("application/json; charset=utf-8");
    return JSON.stringify({ errors: [{ message, extensions: { code } }] });
  }

  const hooks: Pick<RouteOptions, "preParsing" | "preValidation" | "onSend"> = {
    async preParsing(request, reply, payload) {
      setHeaders(reply);
      const from = connectionOf(request);
      const early = isLargeBody(request.method, from.headers)
        ? await authenticate(request)
        : gate.precheck(from);
      if (early?.ok === false) return reply.send(refuse(request, reply, early.reason));
      return payload;
    },

    async preValidation(request, reply) {
      // The record that decides is read when the body has arrived: a slow body must not outlive its key.
      const result = await authenticate(request);
      if (!result.ok) return reply.send(refuse(request, reply, result.reason));
      settled.add(request);
    },

    async onSend(request, reply, payload) {
      if (settled.has(request)) return payload;
      // What is wrong with a body is said to those only whose key is good, and without the keys in it.
      const result = await authenticate(request);
      if (!result.ok) return refuse(request, reply, result.reason);
      return typeof payload === "string" ? apiKeys.redact(payload) : payload;
    },
  };

  function serve(request: MercuriusRequest, caller: Caller): Caller {
    const before = served.get(request) ?? caller;
    if (!isSameCaller(before, caller)) throw new TypeError("One request serves two callers.");
    served.set(request, before);
    return caller;
  }

  return {
    hooks: hooks as Requests["hooks"],

    async callerOf({ reply }) {
      if (!reply)
        throw new TypeError("Run operations by reply.graphql: there is no request to ask.");
      const { request } = reply;
      const known = settled.has(request) ? findCaller(request) : null;
      if (known !== null) return known;
      // A route of the host, which may run one operation after the other.
      setHeaders(reply);
      const result = await authenticate(request);
      if (result.ok) return serve(request, result.caller);
      const { status, headers, message, code } = answerTo(result.reason);
      void reply.headers(headers);
      throw failure([new GraphQLError(message, { extensions: { code } })], status);
    },
  };
}

function setHeaders(reply: MercuriusReply): void {
  setAnswerHeaders({
    getHeader: (name) => reply.getHeader(name),
    setHeader: (name, value) => reply.header(name, value),
  });
}
