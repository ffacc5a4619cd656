import {
  DirectiveLocation,
  getNamedType,
  isAbstractType,
  isInputObjectType,
  isLeafType,
  isListType,
  type GraphQLInputType,
  type GraphQLSchema,
} from "graphql";
import { checkReachable, checkRootFields } from "./coverage.js";
import { userTypes, type Marks, type Problem, type ValueRule } from "./marks.js";
import type { Model } from "./model.js";
import { checkOrganizations } from "./organizations.js";
import { isReachable } from "./rules.js";
import { isText } from "./shortcut.js";
import { eachField } from "./walk.js";

/** What a host says of its whole schema. */
export interface Settings {
  /** No type is marked, on purpose. */
  readonly noTypes: boolean;
  /** Library ids are unique everywhere, or all resolvers take the organization from the caller. */
  readonly ownOrganization: boolean;
}

/** Everything that is looked at for problems. */
interface Subject {
  readonly schema: GraphQLSchema;
  readonly model: Model;
  readonly marks: Marks;
  readonly settings: Settings;
  readonly problem: Problem;
}

/** Lists every place that is not covered, does not fit, or asks for what is not built: deny by default. */
export function findProblems(subject: Subject): void {
  const { schema, model, marks, settings, problem } = subject;
  rejectUnbuilt(subject);
  rejectSharedRoots(subject);
  checkKinds(subject);
  checkNames(subject);
  checkTypes(subject);
  checkRootFields(schema, model, problem);
  checkReachable(schema, model, marks, problem);
  if (!settings.ownOrganization) checkOrganizations(schema, model, problem);
}

const EXECUTABLE = new Set<string>([
  DirectiveLocation.QUERY,
  DirectiveLocation.MUTATION,
  DirectiveLocation.SUBSCRIPTION,
  DirectiveLocation.FIELD,
  DirectiveLocation.FRAGMENT_DEFINITION,
  DirectiveLocation.FRAGMENT_SPREAD,
  DirectiveLocation.INLINE_FRAGMENT,
  DirectiveLocation.VARIABLE_DEFINITION,
]);

/** What the guard cannot enforce yet must not look enforced. */
function rejectUnbuilt({ schema, model, marks, problem }: Subject): void {
  const subscription = schema.getSubscriptionType();
  if (subscription)
    problem(subscription.name, "subscriptions are not built yet: leave the type out");
  for (const { name, locations } of schema.getDirectives()) {
    if (name === "skip" || name === "include") continue;
    if (locations.some((location) => EXECUTABLE.has(location))) {
      problem(`@${name}`, "executable directives are not built yet: leave it out of the schema");
    }
  }
  for (const type of userTypes(schema)) {
    if (isInputObjectType(type) && (type as { isOneOf?: boolean }).isOneOf === true) {
      const held = Object.keys(type.getFields()).find((name) =>
        marks.inputFields.has(`${type.name}.${name}`),
      );
      if (held) problem(`${type.name}.${held}`, "rules in @oneOf input objects are not built yet");
    }
  }
  eachField(schema, (type, field) => {
    const result = getNamedType(field.type);
    if (!isAbstractType(result)) return;
    const marked = schema.getPossibleTypes(result).find(({ name }) => model.types.has(name));
    if (marked) {
      problem(
        `${type.name}.${field.name}`,
        `leads to the marked ${marked.name} through ${result.name}, which is not built yet: return ${marked.name}`,
      );
    }
  });
}

function rejectSharedRoots({ schema, problem }: Subject): void {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const names = roots.flatMap((type) => (type ? [type.name] : []));
  for (const name of names) {
    if (names.indexOf(name) !== names.lastIndexOf(name)) {
      problem(name, "is the root of two kinds of operation: read and write cannot be told apart");
      return;
    }
  }
}

/** A rule about a value needs a value that can be an id. */
function checkKinds({ schema, marks, problem }: Subject): void {
  const check = (coordinate: string, type: GraphQLInputType, rules: readonly ValueRule[]): void => {
    const named = getNamedType(type);
    const canBeId = isLeafType(named) && named.name !== "Boolean" && named.name !== "Float";
    if (!canBeId) problem(coordinate, `is of type ${named.name}, which names nothing: mark an id`);
    if (rules.some(isReachable) && !(isListType(type) && isText(type.ofType))) {
      problem(
        coordinate,
        "has whenOmitted: REACHABLE and is no nullable list of ID or String: leave it out",
      );
    }
  };
  eachField(schema, (type, field) => {
    for (const argument of field.args) {
      const coordinate = `${type.name}.${field.name}(${argument.name}:)`;
      const rules = marks.arguments.get(coordinate);
      if (rules) check(coordinate, argument.type, rules);
    }
  });
  for (const type of userTypes(schema)) {
    if (!isInputObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const coordinate = `${type.name}.${field.name}`;
      const rules = marks.inputFields.get(coordinate);
      if (!rules) continue;
      check(coordinate, field.type, rules);
      if (rules.some(isReachable)) {
        problem(coordinate, "has whenOmitted: REACHABLE, which only arguments can have");
      }
    }
  }
}

/** An argument that has the name of a marked one and no mark was most likely forgotten. */
function checkNames({ schema, marks, problem }: Subject): void {
  const names = new Set<string>();
  for (const coordinate of marks.arguments.keys()) {
    names.add(coordinate.slice(coordinate.indexOf("(") + 1, -2));
  }
  for (const coordinate of marks.inputFields.keys()) {
    names.add(coordinate.slice(coordinate.indexOf(".") + 1));
  }
  names.delete("id");
  names.delete("ids");
  const remedy = "has the name of a marked one: mark it too (@library, @organization) or rename it";
  eachField(schema, (type, field) => {
    for (const { name } of field.args) {
      const coordinate = `${type.name}.${field.name}(${name}:)`;
      if (names.has(name) && !marks.arguments.has(coordinate)) problem(coordinate, remedy);
    }
  });
  for (const type of userTypes(schema)) {
    if (!isInputObjectType(type)) continue;
    for (const name of Object.keys(type.getFields())) {
      const coordinate = `${type.name}.${name}`;
      if (names.has(name) && !marks.inputFields.has(coordinate)) problem(coordinate, remedy);
    }
  }
}

function checkTypes({ model, settings, problem }: Subject): void {
  if (model.types.size === 0 && !settings.noTypes) {
    problem(
      "schema",
      'no type is marked: write @inLibrary on the types whose objects belong to a library, or say `types: "none"`. ' +
        "(Marks do not survive printing a schema and building it again.)",
    );
  }
  if (settings.ownOrganization) return;
  for (const [name, rules] of model.types) {
    if (!rules.some((rule) => rule.namesOrganization)) {
      problem(
        name,
        'does not say its organization: write @inLibrary(organization: "organizationId", id: …)',
      );
    }
  }
}
