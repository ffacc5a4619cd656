import {
  buildSchema,
  execute,
  getOperationAST,
  GraphQLError,
  parse,
  validate,
  type ExecutionResult,
  type GraphQLObjectType,
  type GraphQLSchema,
  type GraphQLUnionType,
} from "graphql";
import { internalsOf } from "../core/api-keys.js";
import { checkFunction, checkInteger, checkOptions } from "../core/check.js";
import { isLargeBody } from "../http/node.js";
import { isSafeAddress } from "./address.js";
import { checkContentType, checkLength, readRequest, type GraphQLRequest } from "./body.js";
import { createFailureOf, failure } from "./failure.js";
import type { ManagementOptions } from "./management.js";
import { askManager, refuseKeys, type Manager } from "./manager.js";
import { checkOrigins, refuseOtherPages } from "./origin.js";
import { createResolvers, type ManagementResolvers } from "./resolvers.js";
import { respond } from "./response.js";
import { managementTypeDefs } from "./schema.js";

/** Options of {@link createManagementHandler}. */
export interface ManagementHandlerOptions extends ManagementOptions<Request> {
  /** The longest body, 1 to 100,000,000 bytes. Default 524,288. */
  readonly maxBodyBytes?: number;
  /**
   * Whether a request came over TLS; others are refused. Default: what its address says, and `http://localhost` is as good.
   * Behind a proxy that ends TLS: `(request) => request.headers.get("x-forwarded-proto") === "https"`, if the proxy sets it.
   */
  readonly isEncrypted?: (request: Request) => boolean;
}

/** What resolvers find in the context. */
interface Context {
  readonly manager: Manager;
}

const OPTIONS = [
  "apiKeys",
  "authorizeManager",
  "libraries",
  "allowedOrigins",
  "maxBodyBytes",
  "isEncrypted",
];
/** About 30 changes. More in one document are an attack; long lists belong into variables. */
const MAX_TOKENS = 1000;

/**
 * Serves the management API alone, for `/settings/graphql`: POST of JSON, over HTTPS.
 *
 * What a browser sends for a page of another origin is refused, and so is whoever brings an API key. Only managers learn
 * anything of the schema. Answers say `cache-control: no-store`; errors have their code in `extensions.code`. It answers
 * no preflight: CORS is the server's too, for those who need it.
 *
 * @param options - The API keys, and who manages them.
 * @returns A fetch handler.
 * @throws TypeError or RangeError when an option is not as described.
 * @example
 * ```ts
 * import { createApiKeys } from "graphql-api-keys";
 * import { createManagementHandler, sessionManager } from "graphql-api-keys/management";
 * import { createMemoryStore } from "graphql-api-keys/stores/memory";
 *
 * const apiKeys = createApiKeys({ store: createMemoryStore() });
 * const authorizeManager = sessionManager({
 *   jwks: "https://login.example.com/.well-known/jwks.json",
 *   issuer: "https://login.example.com",
 *   audience: "https://app.example.com",
 *   cookie: "__Host-session",
 * });
 * export const handle = createManagementHandler({ apiKeys, authorizeManager });
 * ```
 */
export function createManagementHandler(
  options: ManagementHandlerOptions,
): (request: Request) => Promise<Response> {
  checkOptions("options", options, OPTIONS);
  const { apiKeys, authorizeManager, libraries, maxBodyBytes = 524_288 } = options;
  internalsOf(apiKeys);
  checkFunction("authorizeManager", authorizeManager);
  if (libraries !== undefined) checkFunction("libraries", libraries);
  checkInteger("maxBodyBytes", maxBodyBytes, 1, 100_000_000);
  const { isEncrypted = ({ url }: Request) => isSafeAddress(new URL(url)) } = options;
  checkFunction("isEncrypted", isEncrypted);
  const allowed = checkOrigins(options.allowedOrigins);
  const failureOf = createFailureOf(apiKeys);
  const authorize = async ({ manager }: Context): Promise<Manager> => manager;
  const schema = schemaOf(createResolvers<Context>({ apiKeys, libraries, authorize }));

  async function answer(request: Request): Promise<ExecutionResult> {
    const { method, headers } = request;
    if (isEncrypted(request) !== true) throw failure("HTTPS_REQUIRED", "HTTPS is required.");
    if (method !== "POST") throw failure("METHOD_NOT_ALLOWED", "Send POST.");
    checkContentType(headers.get("content-type"));
    refuseKeys(apiKeys, headers);
    refuseOtherPages(request, allowed);
    checkLength(headers.get("content-length"), maxBodyBytes);
    // A stranger must not make the server swallow a large body, nor a slow body outlive its session.
    if (isLargeBody(method, headers)) await askManager(authorizeManager, request);
    const asked = await readRequest(request, maxBodyBytes);
    return run(schema, asked, { manager: await askManager(authorizeManager, request) });
  }

  return async (request) => {
    try {
      return respond(await answer(request), apiKeys.redact);
    } catch (error) {
      return respond({ errors: [failureOf(error)] }, apiKeys.redact);
    }
  };
}

async function run(
  schema: GraphQLSchema,
  { query, operationName, variables: variableValues }: GraphQLRequest,
  contextValue: Context,
): Promise<ExecutionResult> {
  let document;
  try {
    document = parse(query, { maxTokens: MAX_TOKENS });
  } catch (error) {
    return { errors: [error as GraphQLError] };
  }
  const errors = validate(schema, document, undefined, { maxErrors: 20 });
  if (errors.length > 0) return { errors };
  if (!getOperationAST(document, operationName)) {
    return { errors: [new GraphQLError("Name one operation of the document.")] };
  }
  return execute({ schema, document, contextValue, operationName, variableValues });
}

function schemaOf(resolvers: ManagementResolvers<Context>): GraphQLSchema {
  const schema = buildSchema(`type Query type Mutation ${managementTypeDefs}`);
  const { Query, Mutation, ...unions } = resolvers;
  for (const [name, fields] of Object.entries({ Query, Mutation })) {
    const defined = (schema.getType(name) as GraphQLObjectType<unknown, Context>).getFields();
    for (const [field, resolve] of Object.entries(fields)) defined[field]!.resolve = resolve;
  }
  for (const [name, { __resolveType }] of Object.entries(unions)) {
    (schema.getType(name) as GraphQLUnionType).resolveType = __resolveType;
  }
  return schema;
}
