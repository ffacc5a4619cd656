import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { TLSSocket } from "node:tls";
import { describe, expectTypeOf, it } from "vitest";
import {
  answerTo,
  authenticateRequest,
  callerOf,
  type AuthenticateOptions,
  type Connection,
  type FailureAnswer,
  type RequestAuthentication,
  type RequestFailure,
  type RequestHeaders,
  type RequestRefusal,
  type TrustProxy,
} from "../../src/http/index.js";
import type { ApiKeyError, ApiKeys, Caller } from "../../src/index.js";

declare const apiKeys: ApiKeys;
declare const req: IncomingMessage;
declare const headers: RequestHeaders;

describe("authenticateRequest", () => {
  it("promises a result", () => {
    expectTypeOf(authenticateRequest).returns.toEqualTypeOf<Promise<RequestAuthentication>>();
    expectTypeOf(authenticateRequest).parameter(0).toEqualTypeOf<ApiKeys>();
    expectTypeOf(authenticateRequest).parameter(1).toEqualTypeOf<Connection>();
    expectTypeOf(authenticateRequest).parameter(2).toEqualTypeOf<AuthenticateOptions | undefined>();
    // @ts-expect-error a promise is not the result: this would let everybody in
    void (authenticateRequest(apiKeys, { headers, encrypted: true }).ok === false);
  });

  it("has a caller only if it is ok, and a reason only if not", async () => {
    const result = await authenticateRequest(apiKeys, { headers, encrypted: true });
    // @ts-expect-error not known to be ok
    void result.caller;
    // @ts-expect-error not known to be refused
    void result.reason;
    if (result.ok) {
      expectTypeOf(result.caller).toEqualTypeOf<Caller>();
      // @ts-expect-error it was let in
      void result.reason;
    } else {
      expectTypeOf(result).toEqualTypeOf<RequestRefusal>();
      expectTypeOf(result.reason).toEqualTypeOf<RequestFailure>();
      expectTypeOf(result.error).toEqualTypeOf<ApiKeyError | undefined>();
      // @ts-expect-error it was not let in
      void result.caller;
    }
  });

  it("does not let the result be changed", async () => {
    const result = await authenticateRequest(apiKeys, { headers, encrypted: true });
    // @ts-expect-error readonly
    result.ok = true;
    // @ts-expect-error readonly
    if (!result.ok) result.reason = "missing";
  });

  it("takes what servers have", () => {
    void authenticateRequest(apiKeys, {
      headers: req.rawHeaders,
      encrypted: "encrypted" in req.socket,
      remoteAddress: req.socket.remoteAddress,
    });
    void authenticateRequest(apiKeys, {
      headers: req.headersDistinct,
      encrypted: (req.socket as Partial<TLSSocket>).encrypted,
    });
    expectTypeOf<IncomingHttpHeaders>().toExtend<RequestHeaders>();
    expectTypeOf<Headers>().toExtend<RequestHeaders>();
    expectTypeOf<Request["headers"]>().toExtend<RequestHeaders>();
    expectTypeOf<Map<string, string>>().toExtend<RequestHeaders>();
    expectTypeOf<readonly string[]>().toExtend<RequestHeaders>();
    expectTypeOf<{ authorization: string }>().toExtend<RequestHeaders>();
    expectTypeOf<{ authorization?: readonly string[] }>().toExtend<RequestHeaders>();
  });

  it("takes nothing else for headers", () => {
    expectTypeOf<string>().not.toExtend<RequestHeaders>();
    expectTypeOf<undefined>().not.toExtend<RequestHeaders>();
    expectTypeOf<null>().not.toExtend<RequestHeaders>();
    expectTypeOf<readonly (readonly [string, string])[]>().not.toExtend<RequestHeaders>();
    expectTypeOf<{ authorization: number }>().not.toExtend<RequestHeaders>();
    expectTypeOf<Promise<Headers>>().not.toExtend<RequestHeaders>();
    expectTypeOf<{ get(name: string): Promise<string> }>().not.toExtend<RequestHeaders>();
  });

  it("wants to know what the socket is", () => {
    // @ts-expect-error encrypted is missing
    void authenticateRequest(apiKeys, { headers });
    // @ts-expect-error a message has no `encrypted`: its socket has
    void authenticateRequest(apiKeys, req);
    // @ts-expect-error a string is not whether
    void authenticateRequest(apiKeys, { headers, encrypted: "https" });
    // @ts-expect-error headers are missing
    void authenticateRequest(apiKeys, { encrypted: true });
    // @ts-expect-error an address is text
    void authenticateRequest(apiKeys, { headers, encrypted: true, remoteAddress: null });
    // @ts-expect-error the URL is none of its business
    void authenticateRequest(apiKeys, { headers, encrypted: true, url: "https://x/" });
  });

  it("trusts proxies by name, address or function", () => {
    expectTypeOf<string>().toExtend<TrustProxy>();
    expectTypeOf<readonly ["loopback", "10.0.0.0/8"]>().toExtend<TrustProxy>();
    expectTypeOf<(address: string) => boolean>().toExtend<TrustProxy>();
    expectTypeOf<() => boolean>().toExtend<TrustProxy>();
    expectTypeOf<true>().not.toExtend<TrustProxy>();
    expectTypeOf<1>().not.toExtend<TrustProxy>();
    expectTypeOf<null>().not.toExtend<TrustProxy>();
    expectTypeOf<readonly number[]>().not.toExtend<TrustProxy>();
    expectTypeOf<(address: string) => Promise<boolean>>().not.toExtend<TrustProxy>();
    expectTypeOf<(address: string, hop: number) => boolean>().not.toExtend<TrustProxy>();
    // @ts-expect-error misspelt
    void authenticateRequest(apiKeys, { headers, encrypted: true }, { trustproxy: "loopback" });
    // @ts-expect-error everybody
    void authenticateRequest(apiKeys, { headers, encrypted: true }, { trustProxy: true });
  });
});

describe("callerOf", () => {
  it("answers the caller of an object", () => {
    expectTypeOf(callerOf).toEqualTypeOf<(request: object) => Caller>();
    expectTypeOf(callerOf(req).cacheKey).toEqualTypeOf<string>();
    // @ts-expect-error a URL is no request
    callerOf("https://x/");
    // @ts-expect-error no request
    callerOf(undefined);
  });
});

describe("answerTo", () => {
  it("answers what goes into a response", () => {
    expectTypeOf(answerTo).toEqualTypeOf<(reason: RequestFailure) => FailureAnswer>();
    expectTypeOf<FailureAnswer["status"]>().toEqualTypeOf<400 | 401 | 403 | 503>();
    expectTypeOf<FailureAnswer["code"]>().toEqualTypeOf<
      "HTTPS_REQUIRED" | "UNAUTHENTICATED" | "UNAVAILABLE"
    >();
    expectTypeOf<FailureAnswer["headers"]>().toEqualTypeOf<Readonly<Record<string, string>>>();
    void new Response(null, answerTo("missing"));
  });

  it("knows every reason", () => {
    expectTypeOf<RequestFailure>().toEqualTypeOf<
      | "insecure"
      | "missing"
      | "ambiguous"
      | "malformed"
      | "unknown"
      | "disabled"
      | "expired"
      | "unavailable"
    >();
    // @ts-expect-error no reason
    answerTo("ok");
  });

  it("does not let the answer be changed", () => {
    const answer = answerTo("missing");
    // @ts-expect-error readonly
    answer.status = 401;
    // @ts-expect-error readonly
    answer.headers["www-authenticate"] = "Basic";
  });
});
