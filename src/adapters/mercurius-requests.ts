import { GraphQLError } from "graphql";
import type { MercuriusContext } from "mercurius";
import type { ApiKeys } from "../core/api-keys.js";
import { isSameCaller, type Caller } from "../core/caller.js";
import { andThen, isPromiseLike, type MaybePromise } from "../core/maybe-promise.js";
import { createTie } from "../core/tie.js";
import { answerTo, type RequestFailure } from "../http/answer.js";
import type { Gate, RequestAuthentication } from "../http/authenticate.js";
import { setAnswerHeaders } from "../http/connect.js";
import { isLargeBody, nodeConnection } from "../http/node.js";
import { failure } from "./mercurius-errors.js";
import type { MercuriusReply, MercuriusRequest } from "./mercurius-types.js";

/** Tells Fastify that a hook is through. One that answers a promise does not call it. */
type Done = () => void;

type Hooked = void | Promise<unknown>;

/** How requests are let in. */
export interface Requests {
  /** Hooks of Mercurius' own routes. They make no promise where the store makes none: one costs what they do. */
  readonly hooks: {
    preParsing(req: MercuriusRequest, reply: MercuriusReply, body: unknown, done: Done): Hooked;
    preValidation(req: MercuriusRequest, reply: MercuriusReply, done: Done): Hooked;
    onSend(req: MercuriusRequest, reply: MercuriusReply, payload: unknown, done: Done): Hooked;
  };
  /** The caller of a request that was let in, or null. */
  readonly find: (request: MercuriusRequest) => Caller | null;
  /** The caller of the request behind a context. Rejects with what to answer. */
  readonly callerOf: (context: Partial<MercuriusContext>) => MaybePromise<Caller>;
}

/** Makes the door for HTTP. */
export function createRequests(apiKeys: ApiKeys, gate: Gate<MercuriusRequest>): Requests {
  /**
   * Callers of requests that were let in when all of them had arrived; null: answered for. Of this plugin alone: another
   * one, with other callers, may be asked about the same request.
   */
  const settled = createTie<Caller | null>();
  /** Whose loaders, with what they have cached, Mercurius keeps with a request. */
  const served = createTie<Caller>();
  const connectionOf = (request: MercuriusRequest) => nodeConnection(request.raw, request.headers);
  const authenticate = (request: MercuriusRequest): MaybePromise<RequestAuthentication> =>
    gate.authenticate(connectionOf(request), request);

  function refusalOf(
    request: MercuriusRequest,
    reply: MercuriusReply,
    reason: RequestFailure,
  ): string {
    settled.set(request, null);
    const { status, headers, message, code } = answerTo(reason);
    void reply.code(status).headers(headers).type("application/json; charset=utf-8");
    return JSON.stringify({ errors: [{ message, extensions: { code } }] });
  }

  /** Ends a hook: lets the request go on, or answers it. */
  function end(
    request: MercuriusRequest,
    reply: MercuriusReply,
    result: MaybePromise<RequestAuthentication | null>,
    done: Done,
  ): Hooked {
    if (isPromiseLike(result)) return endLater(request, reply, result);
    if (result?.ok === false) void reply.send(refusalOf(request, reply, result.reason));
    else done();
  }

  async function endLater(
    request: MercuriusRequest,
    reply: MercuriusReply,
    result: PromiseLike<RequestAuthentication | null>,
  ): Promise<unknown> {
    const settled = await result;
    if (settled?.ok !== false) return undefined;
    return reply.send(refusalOf(request, reply, settled.reason)); // awaited until it is sent
  }

  const hooks: Requests["hooks"] = {
    preParsing(request, reply, _body, done) {
      setHeaders(reply);
      const from = connectionOf(request);
      const isEarly = isLargeBody(request.method, from.headers);
      return end(request, reply, isEarly ? authenticate(request) : gate.precheck(from), done);
    },

    preValidation(request, reply, done) {
      // The record that decides is read when the body has arrived: a slow body must not outlive its key.
      const result = andThen(authenticate(request), (authentication) => {
        if (authentication.ok) settled.set(request, authentication.caller);
        return authentication;
      });
      return end(request, reply, result, done);
    },

    onSend(request, reply, payload, done) {
      if (settled.get(request) === undefined) return answerUnsettled(request, reply, payload);
      return done();
    },
  };

  /** What is wrong with a body is said to those only whose key is good, and without the keys in it. */
  async function answerUnsettled(
    request: MercuriusRequest,
    reply: MercuriusReply,
    payload: unknown,
  ): Promise<unknown> {
    const result = await authenticate(request);
    if (!result.ok) return refusalOf(request, reply, result.reason);
    return typeof payload === "string" ? apiKeys.redact(payload) : payload;
  }

  const find = (request: MercuriusRequest): Caller | null => settled.get(request) ?? null;

  function callerOf({ reply }: Partial<MercuriusContext>): MaybePromise<Caller> {
    return (reply && find(reply.request)) ?? admit(reply);
  }

  /** For a route of the host, which may run one operation after the other. */
  async function admit(reply: MercuriusReply | undefined): Promise<Caller> {
    if (!reply) throw new TypeError("Run operations by reply.graphql: there is no request to ask.");
    setHeaders(reply);
    const { request } = reply;
    const result = await authenticate(request);
    if (!result.ok) {
      const { status, headers, message, code } = answerTo(result.reason);
      void reply.headers(headers);
      throw failure([new GraphQLError(message, { extensions: { code } })], status);
    }
    const before = served.get(request) ?? result.caller;
    if (!isSameCaller(before, result.caller)) {
      throw new TypeError("One request serves two callers.");
    }
    served.set(request, before);
    return result.caller;
  }

  return { hooks, find, callerOf };
}

function setHeaders(reply: MercuriusReply): void {
  setAnswerHeaders({
    getHeader: (name) => reply.getHeader(name),
    setHeader: (name, value) => reply.header(name, value),
  });
}
