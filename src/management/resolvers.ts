import type { ApiKeys, ChangeRef } from "../core/api-keys.js";
import { checkId } from "../core/check.js";
import { isApiKeyError } from "../core/errors.js";
import { conflictOf, issued, notFound, viewOf, type Answer } from "./answers.js";
import { createFailureOf, failure } from "./failure.js";
import { problemOf, readAccess, readExpiry, readName, type AccessInput } from "./inputs.js";
import { listLibraries, type ListLibraries } from "./libraries.js";
import type { Manager } from "./manager.js";

/** Resolves a field of the management API. */
export type ManagementResolver<Context> = (
  source: unknown,
  args: Readonly<Record<string, unknown>>,
  context: Context,
) => Promise<unknown>;

/** Says which type of a union an answer is. */
export type ManagementTypeResolver = {
  /** Resolves the name of the type. */
  readonly __resolveType: (answer: { readonly __typename: string }) => string;
};

/** Resolvers of the management API, by type and field. */
export type ManagementResolvers<Context> = {
  readonly Query: {
    readonly [Field in "apiKeys" | "apiKey" | "apiKeyLibraries"]: ManagementResolver<Context>;
  };
  readonly Mutation: {
    readonly [
      Field in
        "createApiKey" | "setApiKeyAccess" | "updateApiKey" | "regenerateApiKey" | "deleteApiKey"
    ]: ManagementResolver<Context>;
  };
} & {
  readonly [
    Union in
      "CreateApiKeyResult" | "ChangeApiKeyResult" | "RegenerateApiKeyResult" | "DeleteApiKeyResult"
  ]: ManagementTypeResolver;
};

/** What resolvers are made of. */
interface ResolverParts<Context> {
  readonly apiKeys: ApiKeys;
  readonly libraries: ListLibraries | undefined;
  /** Throws unless someone manages keys. */
  readonly authorize: (context: Context) => Promise<Manager>;
}

interface PageArgs {
  readonly first?: number | null;
  readonly after?: string | null;
  readonly search?: string | null;
}
interface RefArgs {
  readonly id: string;
  readonly version: number;
}
interface ChangeArgs extends RefArgs {
  readonly access?: readonly AccessInput[] | null;
  readonly name?: string | null;
  readonly expiresAt?: string | null;
  readonly enabled?: boolean | null;
}
interface CreateArgs extends ChangeArgs {
  readonly submissionId?: string | null;
}

/** Makes the resolvers. Each asks anew who it is that asks: a mutation of many fields may outlive a session. */
export function createResolvers<Context>(
  parts: ResolverParts<Context>,
): ManagementResolvers<Context> {
  const { apiKeys, libraries, authorize } = parts;
  const failureOf = createFailureOf(apiKeys);

  /** A field: for managers of the organization it names, with errors that say nothing of what is inside. */
  function field<Args extends object>(
    resolve: (args: Args, manager: Manager) => Promise<unknown>,
  ): ManagementResolver<Context> {
    return async (_source, args, context) => {
      try {
        const manager = await authorize(context);
        if (args["organizationId"] !== manager.organizationId) {
          throw failure("UNAUTHORIZED", "You do not manage this organization's API keys.");
        }
        return await resolve(args as Args, manager);
      } catch (error) {
        throw failureOf(error);
      }
    };
  }

  /** A field that changes: what is wrong with its arguments, and what others did meanwhile, is an answer. */
  function change<Args extends object>(
    resolve: (args: Args, manager: Manager) => Promise<Answer>,
  ): ManagementResolver<Context> {
    return field<Args>(async (args, manager) => {
      try {
        return await resolve(args, manager);
      } catch (error) {
        if (isApiKeyError(error, "NOT_FOUND")) return notFound();
        if (isApiKeyError(error, "CONFLICT")) return conflictOf(error.apiKey);
        const problem = problemOf(error);
        if (problem !== null) return { __typename: "ApiKeyInvalid", ...problem };
        throw error;
      }
    });
  }

  const Query: ManagementResolvers<Context>["Query"] = {
    apiKeys: field<PageArgs>(async ({ first, after }, { organizationId }) => {
      const page = await apiKeys.list({ organizationId, first: first ?? 50, after: after ?? null });
      return { nodes: page.apiKeys.map(viewOf), endCursor: page.endCursor };
    }),
    apiKey: field<RefArgs>(async ({ id }, { organizationId }) => {
      const apiKey = await apiKeys.get({ organizationId, id });
      return apiKey && viewOf(apiKey);
    }),
    apiKeyLibraries: field<PageArgs>(({ search, first, after }, { organizationId }) =>
      listLibraries(libraries, {
        organizationId,
        search: search ?? null,
        first: first ?? 50,
        after: after ?? null,
      }),
    ),
  };

  const Mutation: ManagementResolvers<Context>["Mutation"] = {
    createApiKey: change<CreateArgs>(async (args, manager) => {
      const { submissionId } = args;
      const options = {
        ...manager,
        name: readName(apiKeys, args.name),
        access: readAccess(args.access),
        expiresAtMs: readExpiry(args.expiresAt),
        ...(typeof submissionId === "string" && {
          idempotencyKey: checkId("submissionId", submissionId),
        }),
      };
      try {
        return issued(await apiKeys.create(options));
      } catch (error) {
        if (!isApiKeyError(error, "CONFLICT")) throw error;
        return conflictOf(error.apiKey, "This form was submitted already, and its key was made.");
      }
    }),
    setApiKeyAccess: change<ChangeArgs>(async (args, manager) => {
      const apiKey = await apiKeys.setAccess(refOf(args, manager), readAccess(args.access));
      return { __typename: "ApiKeyChanged", apiKey: viewOf(apiKey) };
    }),
    updateApiKey: change<ChangeArgs>(async (args, manager) => {
      const { name, expiresAt, enabled, access } = args;
      const apiKey = await apiKeys.update(refOf(args, manager), {
        ...(name !== undefined && { name: readName(apiKeys, name) }),
        ...(expiresAt !== undefined && { expiresAtMs: readExpiry(expiresAt) }),
        ...(enabled !== undefined && { enabled: enabled as boolean }),
        ...(access !== undefined && { access: readAccess(access) }),
      });
      return { __typename: "ApiKeyChanged", apiKey: viewOf(apiKey) };
    }),
    regenerateApiKey: change<RefArgs>(async (args, manager) =>
      issued(await apiKeys.regenerate(refOf(args, manager))),
    ),
    deleteApiKey: change<RefArgs>(async (args, manager) => {
      const removed = await apiKeys.delete(refOf(args, manager));
      return removed ? { __typename: "ApiKeyDeleted", id: args.id } : notFound();
    }),
  };

  const union: ManagementTypeResolver = { __resolveType: ({ __typename }) => __typename };
  return {
    Query,
    Mutation,
    CreateApiKeyResult: union,
    ChangeApiKeyResult: union,
    RegenerateApiKeyResult: union,
    DeleteApiKeyResult: union,
  };
}

function refOf({ id, version }: RefArgs, manager: Manager): ChangeRef {
  return { ...manager, id, version };
}
