/** Who a session is: real signatures, one thing wrong at a time. */
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { SignJWT, UnsecuredJWT } from "jose";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { createKeyFormat } from "../../src/index.js";
import { sessionManager, type SessionManagerOptions } from "../../src/management/index.js";
import { errorOf, NOW_MS } from "../support/fixture.js";
import {
  AUDIENCE,
  createSessions,
  createSigner,
  createSubject,
  ISSUER,
  ORGANIZATION,
  requestOf,
  sign,
  URL_,
  type SessionParts,
} from "./support.js";

const NOW_S = NOW_MS / 1000;
const ANA = { organizationId: ORGANIZATION, actor: "ana@example.com" };
const signer = await createSigner("one");
const rsa = await createSigner("rsa", "RS256");
const edwards = await createSigner("ed", "EdDSA");
const stranger = await createSigner("one");
const good = await sign(signer);

const bearer = (token: string, more = {}) => ({
  url: URL_,
  headers: { authorization: `Bearer ${token}`, ...more },
});
const cookie = (text: string, more = {}) => ({ url: URL_, headers: { cookie: text, ...more } });
const own = { "sec-fetch-site": "same-origin" };

/** Sets the bits of the last character that base64url does not use. */
function flip(token: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return token.slice(0, -1) + alphabet[alphabet.indexOf(token.at(-1)!) + 1];
}

afterEach(() => vi.useRealTimers());

describe("a good session", () => {
  it.each([
    ["in Authorization", bearer(good)],
    ["of another case", { headers: ["authorization", `bearer ${good}`] as const }],
    ["in a cookie, among others", cookie(`a=b; session=${good}; c=d`, own)],
    [
      "in a cookie, of an old browser",
      cookie(`session=${good}`, { origin: "https://app.example.com" }),
    ],
  ])("%s", async (_name, request) => {
    expect(await createSessions(signer)(request)).toEqual(ANA);
  });

  it.each([rsa, edwards])("signed with $alg", async (by) => {
    expect(await createSessions(by)(bearer(await sign(by)))).toEqual(ANA);
  });

  it("of an audience among others, with claims and typ of the host's choice", async () => {
    const options = { typ: "at+jwt", organizationClaim: "https://x/org", actorClaim: "email" };
    const claims = { aud: ["x", AUDIENCE], "https://x/org": "acme-co", email: "eve@example.com" };
    const session = await sign(signer, { header: { typ: "at+jwt" }, claims });
    expect(await createSessions(signer, options)(bearer(session))).toEqual({
      organizationId: "acme-co",
      actor: "eve@example.com",
    });
  });

  it("within the tolerance of clocks", async () => {
    const session = await sign(signer, { claims: { exp: NOW_S - 4 } });
    expect(await createSessions(signer)(bearer(session))).toEqual(ANA);
    expect(await createSessions(signer, { clockToleranceSeconds: 0 })(bearer(session))).toBeNull();
  });

  it("of whoever isManager lets through; only true does", async () => {
    const session = await sign(signer, { claims: { role: "admin" } });
    const ask = (isManager: (claims: any) => any) =>
      createSessions(signer, { isManager })(bearer(session));
    expect(await ask(({ role }) => role === "admin")).toEqual(ANA);
    expect(await ask(async ({ role }) => role === "admin")).toEqual(ANA);
    expect(await ask(({ role }) => role === "owner")).toBeNull();
    expect(await ask(() => 1)).toBeNull();
    expect(await ask(() => undefined)).toBeNull();
  });

  it("manages, with its actor in the audit event", async () => {
    const subject = createSubject({ authorizeManager: createSessions(signer) });
    const query = `mutation { createApiKey(organizationId: "monogram-labs", name: "Website") { __typename } }`;
    const { status } = await subject.ask(query, {}, { cookie: `session=${good}` });
    expect(status).toBe(200);
    expect(subject.events).toMatchObject([{ type: "created", actor: "ana@example.com" }]);
  });
});

describe("no session", () => {
  const unsecured = new UnsecuredJWT({ sub: "ana", org_id: ORGANIZATION })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setExpirationTime(NOW_S + 300)
    .encode();
  const symmetric = new SignJWT({ org_id: ORGANIZATION, sub: "ana" })
    .setProtectedHeader({ alg: "HS256", kid: "one", typ: "JWT" })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setExpirationTime(NOW_S + 300)
    .sign(new TextEncoder().encode(JSON.stringify(signer.jwk)));
  const signed = (parts: SessionParts, by = signer) => sign(by, parts);
  /** jose signs nothing of the kind, so the header is put together by hand. */
  const critical = async (header: object) => {
    const [, payload] = good.split(".");
    const text = JSON.stringify({ alg: "ES256", kid: "one", typ: "JWT", ...header });
    const signing = `${Buffer.from(text).toString("base64url")}.${payload}`;
    const bytes = new TextEncoder().encode(signing);
    const ecdsa = { name: "ECDSA", hash: "SHA-256" };
    const signature = await crypto.subtle.sign(ecdsa, signer.privateKey, bytes);
    return `${signing}.${Buffer.from(signature).toString("base64url")}`;
  };

  it.each<[string, string | Promise<string>]>([
    ["alg: none", unsecured],
    ["alg: none with an empty header", `e30.${good.split(".")[1]}.AAAA`],
    ["a symmetric signature", symmetric],
    ["an algorithm that is not allowed", createSigner("one", "ES384").then((by) => signed({}, by))],
    ["expired", signed({ claims: { exp: NOW_S - 6 } })],
    ["without exp", signed({ claims: { exp: undefined } })],
    ["not yet valid", signed({ claims: { nbf: NOW_S + 60 } })],
    ["another issuer", signed({ claims: { iss: "https://login.example.com.evil.example" } })],
    ["no issuer", signed({ claims: { iss: undefined } })],
    ["another audience", signed({ claims: { aud: "https://blog.example.com" } })],
    ["no audience", signed({ claims: { aud: undefined } })],
    ["no typ", signed({ header: { typ: undefined } })],
    ["another typ", signed({ header: { typ: "at+jwt" } })],
    ["typ of a minted token", signed({ header: { typ: "api-key-token+jwt" } })],
    ["exp as text", signed({ claims: { exp: String(NOW_S + 300) } })],
    ["several issuers", signed({ claims: { iss: [ISSUER] } })],
    ["an audience in an object", signed({ claims: { aud: { 0: AUDIENCE } } })],
    ["crit of what nobody understands", critical({ crit: ["x"], x: true })],
    ["crit of a claim", critical({ crit: ["exp"], exp: NOW_S })],
    ["a payload that is not encoded", critical({ crit: ["b64"], b64: false })],
    ["a key of its own in the header", signed({ header: { jwk: stranger.jwk } }, stranger)],
    [
      "an address of keys in the header",
      signed({ header: { jku: "https://x.example/" } }, stranger),
    ],
    ["the id of a key of another kind", sign(signer, { header: { kid: "rsa" } })],
    ["an unknown key id", signed({ header: { kid: "two" } })],
    ["another signer", signed({}, stranger)],
    ["flipped unused bits", flip(good)],
    ["a space at the end", `${good} `],
    ["padding", `${good}=`],
    ["a signature of 4n + 1", `${good.split(".").slice(0, 2).join(".")}.AAAAA`],
    ["no signature", `${good.split(".").slice(0, 2).join(".")}.`],
    ["two parts", good.split(".").slice(0, 2).join(".")],
    ["1 MB", "x".repeat(1e6)],
    ["nothing", ""],
    ["an API key", createKeyFormat().generate()],
    ["no organization", signed({ claims: { org_id: undefined } })],
    ["an empty organization", signed({ claims: { org_id: "" } })],
    ["several organizations", signed({ claims: { org_id: [ORGANIZATION] } })],
    ["nobody", signed({ claims: { sub: undefined } })],
    ["somebody with a long name", signed({ claims: { sub: "x".repeat(201) } })],
  ])("%s", async (_name, signedToken) => {
    const token = await signedToken;
    const authorizeManager = createSessions(signer, { jwks: { keys: [signer.jwk, rsa.jwk] } });
    expect(await authorizeManager(bearer(token))).toBeNull();
    expect(await authorizeManager(cookie(`session=${token.replace(" ", "%20")}`, own))).toBeNull();
  });

  it.each([
    ["no credentials", { headers: {} }],
    ["a cookie that says nothing of its page", cookie(`session=${good}`)],
    ["a cookie from another site", cookie(`session=${good}`, { "sec-fetch-site": "cross-site" })],
    ["a cookie from another origin", cookie(`session=${good}`, { origin: "https://evil.example" })],
    ["two cookies of the name", cookie(`session=${good}; session=${good}`, own)],
    ["a cookie of another name", cookie(`sessions=${good}`, own)],
    ["a good cookie beside a bad bearer value", bearer("x", { cookie: `session=${good}`, ...own })],
    [
      "Basic beside a good cookie",
      cookie(`session=${good}`, { authorization: "Basic eA==", ...own }),
    ],
    [
      "two Authorization lines",
      { headers: ["authorization", `Bearer ${good}`, "Authorization", "x"] },
    ],
  ])("%s", async (_name, request) => {
    expect(await createSessions(signer)(request)).toBeNull();
  });

  it("without the option cookies are not looked at", async () => {
    const { cookie: _, ...options } = { ...optionsOf(), cookie: "session" };
    expect(await sessionManager(options)(cookie(`session=${good}`, own))).toBeNull();
    expect(await sessionManager(options)(bearer(good))).toEqual(ANA);
  });

  it("the same by hand is good without what is critical", async () => {
    expect(await createSessions(signer)(bearer(await critical({})))).toEqual(ANA);
  });

  it("two keys of one id are none, rather than whichever fits", async () => {
    const jwks = { keys: [stranger.jwk, signer.jwk] };
    expect(await createSessions(signer, { jwks })(bearer(good))).toBeNull();
  });

  it.each([
    ["for encryption", { use: "enc" }],
    ["for signing only", { key_ops: ["sign"] }],
    ["for another algorithm", { alg: "ES384" }],
  ])("a key %s verifies nothing", async (_, change) => {
    const jwks = { keys: [{ ...signer.jwk, ...change }] };
    expect(await createSessions(signer, { jwks })(bearer(good))).toBeNull();
  });

  it("claims of the prototype are none", async () => {
    expect(await createSessions(signer, { actorClaim: "constructor" })(bearer(good))).toBeNull();
  });

  it("is 401, and a session in a cookie of a page of another origin 403", async () => {
    const subject = createSubject({ authorizeManager: createSessions(signer) });
    const ask = async (headers: Record<string, string>) =>
      (await subject.handle(requestOf({ query: "{ __typename }" }, headers))).status;
    expect(await ask({ cookie: `session=${good}` })).toBe(200);
    expect(await ask({ cookie: `session=${unsecured}` })).toBe(401);
    expect(await ask({ cookie: `session=${good}`, "sec-fetch-site": "cross-site" })).toBe(403);
  });
});

describe("keys behind an address", () => {
  /** Serves a set that tests change. */
  async function serve(...keys: object[]) {
    const state = { keys, status: 200, asked: 0 };
    const server = createServer((_req, res) => {
      state.asked++;
      res.writeHead(state.status, { "content-type": "application/json" });
      res.end(JSON.stringify({ keys: state.keys }));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    return { state, jwks: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json` };
  }

  it("rotate: a new key counts after 30 seconds at most, a removed one for ten minutes at most", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: NOW_MS });
    const { state, jwks } = await serve(signer.jwk);
    const authorizeManager = createSessions(signer, { jwks: new URL(jwks) });
    expect(await authorizeManager(bearer(good))).toEqual(ANA);
    const next = await createSigner("two");
    const ofNext = await sign(next);
    state.keys = [next.jwk];
    expect(await authorizeManager(bearer(ofNext))).toBeNull();
    vi.setSystemTime(NOW_MS + 30_001);
    expect(await authorizeManager(bearer(ofNext))).toEqual(ANA);
    expect(await authorizeManager(bearer(good))).toBeNull();
    expect(state.asked).toBe(2);
    state.keys = [];
    vi.setSystemTime(NOW_MS + 631_000);
    expect(await authorizeManager(bearer(ofNext))).toBeNull();
  });

  it("that cannot be had are an outage, not a bad session", async () => {
    const { state, jwks } = await serve(signer.jwk);
    state.status = 500;
    const authorizeManager = createSessions(signer, { jwks });
    await expect(authorizeManager(bearer(good))).rejects.toThrow();
    const subject = createSubject({ authorizeManager });
    const { status } = await subject.ask("{ __typename }", {}, { cookie: `session=${good}` });
    expect(status).toBe(503);
    state.status = 200;
    state.keys = null as never;
    await expect(authorizeManager(bearer(good))).rejects.toThrow();
    const closed = createSessions(signer, { jwks: "http://localhost:1/" });
    await expect(closed(bearer(good))).rejects.toThrow();
  });

  it("a clock that is broken is an outage, and no session is good for ever", async () => {
    for (const nowMs of [NaN, undefined, "now"]) {
      const authorizeManager = createSessions(signer, { now: () => nowMs as number });
      await expect(authorizeManager(bearer(good))).rejects.toThrow();
      const { status } = await createSubject({ authorizeManager }).ask(
        "{ __typename }",
        {},
        { authorization: `Bearer ${good}` },
      );
      expect(status).toBe(503);
    }
  });

  it("a set of symmetric keys opens nothing", async () => {
    const jwks = { keys: [{ kty: "oct", k: "AAAA", kid: "one", alg: "HS256" }] };
    expect(await createSessions(signer, { jwks })(bearer(good))).toBeNull();
  });
});

function optionsOf(): SessionManagerOptions {
  const jwks = { keys: [signer.jwk] };
  return { jwks, issuer: ISSUER, audience: AUDIENCE, now: () => NOW_MS };
}

it.each<[string, object, "TypeError" | "RangeError"]>([
  ["an unknown option", { clockTolerance: 5 }, "TypeError"],
  ["no issuer", { issuer: undefined }, "TypeError"],
  ["no audience", { audience: "" }, "RangeError"],
  ["none", { algorithms: ["none"] }, "RangeError"],
  ["HS256", { algorithms: ["ES256", "HS256"] }, "RangeError"],
  ["no algorithm", { algorithms: [] }, "TypeError"],
  ["an algorithm as text", { algorithms: "ES256" }, "TypeError"],
  ["a number of an algorithm", { algorithms: [256] }, "TypeError"],
  ["two minutes of tolerance", { clockToleranceSeconds: 61 }, "RangeError"],
  ["typ of minted tokens", { typ: "application/API-KEY-token+jwt" }, "RangeError"],
  ["keys over plain HTTP", { jwks: "http://login.example.com/jwks" }, "RangeError"],
  ["keys in a file", { jwks: new URL("file:///keys") }, "RangeError"],
  ["no address", { jwks: "jwks.json" }, "RangeError"],
  ["no keys", { jwks: null }, "TypeError"],
  ["no set of keys", { jwks: {} }, "TypeError"],
  ["an empty cookie", { cookie: "" }, "RangeError"],
  ["a cookie with its value", { cookie: "session=x" }, "RangeError"],
  ["two cookies", { cookie: "a; session" }, "RangeError"],
  ["a star of origins", { allowedOrigins: ["*"] }, "RangeError"],
  ["an empty claim", { actorClaim: "" }, "RangeError"],
  ["no function", { isManager: true }, "TypeError"],
  ["no clock", { now: 1 }, "TypeError"],
])("sessionManager takes no such option: %s", async (_name, options, kind) => {
  const error = await errorOf(() => sessionManager({ ...optionsOf(), ...options }));
  expect(error.name).toBe(kind);
});

it("sessionManager uses the clock of the machine", async () => {
  const exp = Math.floor(Date.now() / 1000) + 300;
  const { now: _, ...options } = optionsOf();
  expect(await sessionManager(options)(bearer(await sign(signer, { claims: { exp } })))).toEqual(
    ANA,
  );
});
