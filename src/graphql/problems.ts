import {
  DirectiveLocation,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type GraphQLInputType,
  type GraphQLOutputType,
  type GraphQLSchema,
} from "graphql";
import { checkOmissions, checkRootFields } from "./coverage.js";
import { userTypes, type Marks, type Problem } from "./marks.js";
import { possibleTypes, type Model } from "./model.js";
import { checkOrganizations } from "./organizations.js";
import type { ValueRule } from "./rules.js";
import { isText } from "./shortcut.js";
import { eachField, planOf } from "./walk.js";

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
  const { schema, model, settings, problem } = subject;
  checkDirectives(subject);
  checkNamespaces(subject);
  checkOneOf(subject);
  checkPositions(subject);
  rejectSharedRoots(subject);
  checkKinds(subject);
  checkNames(subject);
  checkTypes(subject);
  checkRootFields(subject);
  checkOmissions(subject);
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

/** A directive that clients write can do anything: somebody has to have thought about it. */
function checkDirectives({ schema, marks, problem }: Subject): void {
  for (const { name, locations } of schema.getDirectives()) {
    if (STANDARD.has(name) || marks.unmarked.has(`@${name}`)) continue;
    if (locations.some((location) => EXECUTABLE.has(location))) {
      const rule = `"@${name}": unmarked("why it reaches no library")`;
      problem(`@${name}`, `can be written by clients: say in the rules ${rule}`);
    }
  }
}

const STANDARD = new Set(["skip", "include", "defer", "stream"]);

/** Of a @oneOf that can name a library, a member without a rule would be a way around it. */
function checkOneOf({ schema, model, marks, problem }: Subject): void {
  for (const [name, plan] of model.inputs) {
    const type = schema.getType(name);
    if (!plan.oneOf || !isInputObjectType(type)) continue;
    for (const field of Object.keys(type.getFields())) {
      const coordinate = `${name}.${field}`;
      if (plan.fields.some((held) => held.name === field) || marks.unmarked.has(coordinate))
        continue;
      problem(
        coordinate,
        "is a member of a @oneOf that can name a library, and has no rule: write one, or @unmarked",
      );
    }
  }
}

/** A namespace is one object of one kind of operation, and its field does nothing. */
function checkNamespaces({ schema, model, problem }: Subject): void {
  if (model.namespaces.size === 0) return;
  const leading = new Map<string, string>();
  eachField(schema, (type, field) => {
    const coordinate = `${type.name}.${field.name}`;
    if (!model.namespaces.has(coordinate)) return;
    const result = getNullableType(field.type);
    const level = model.roots.get(type.name);
    if (level === undefined) problem(coordinate, "is a namespace below no root field");
    else if (!isObjectType(result)) problem(coordinate, "is a namespace and returns no object");
    else if (level !== model.roots.get(result.name)) {
      problem(coordinate, `shares the namespace ${result.name} with another kind of operation`);
    } else if (leading.has(result.name)) {
      problem(coordinate, `shares ${result.name} with ${leading.get(result.name)}: use two types`);
    } else leading.set(result.name, coordinate);
    if (field.args.length > 0) {
      problem(coordinate, "is a namespace and takes arguments: mark the fields below it instead");
    } else if (planOf(model, type.name, field.name)) {
      problem(coordinate, "is a namespace and has a rule of its own: put it on the fields below");
    }
  });
}

/** Keeping places takes a list that can have nulls. */
function checkPositions({ schema, model, problem }: Subject): void {
  if (model.positional.size === 0) return;
  eachField(schema, (type, field) => {
    const coordinate = `${type.name}.${field.name}`;
    if (!model.positional.has(coordinate)) return;
    if (!keepsPlaces(field.type)) {
      problem(coordinate, "is positional() and no list of nullable items");
    }
    const possible = possibleTypes(schema, getNamedType(field.type));
    if (!possible.some(({ name }) => model.types.has(name))) {
      problem(coordinate, "is positional() and leads to no type with @inLibrary");
    }
  });
}

/** Whether there can be nulls in the innermost list. */
function keepsPlaces(type: GraphQLOutputType): boolean {
  const list = getNullableType(type);
  if (!isListType(list)) return false;
  return isListType(getNullableType(list.ofType))
    ? keepsPlaces(list.ofType)
    : !isNonNullType(list.ofType);
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
    for (const { whenOmitted } of rules) {
      if (whenOmitted === null) continue;
      const word = `whenOmitted: ${whenOmitted.toUpperCase()}`;
      if (isNonNullType(type)) problem(coordinate, `has ${word} and cannot be left out`);
      else if (whenOmitted === "reachable" && !(isListType(type) && isText(type.ofType))) {
        problem(coordinate, `has ${word} and is no list of ID or String`);
      } else if (whenOmitted === "callers" && isListType(type)) {
        problem(coordinate, `has ${word} and is a list`);
      }
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
      if (rules.some(({ whenOmitted }) => whenOmitted !== null && whenOmitted !== "none")) {
        problem(coordinate, "has whenOmitted: REACHABLE or CALLERS, which only arguments can have");
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
  const remedy =
    "has the name of a marked one: write @library or @organization on it, or @unmarked";
  eachField(schema, (type, field) => {
    for (const { name } of field.args) {
      const coordinate = `${type.name}.${field.name}(${name}:)`;
      if (names.has(name) && !marks.arguments.has(coordinate) && !marks.unmarked.has(coordinate)) {
        problem(coordinate, remedy);
      }
    }
  });
  for (const type of userTypes(schema)) {
    if (!isInputObjectType(type)) continue;
    for (const name of Object.keys(type.getFields())) {
      const coordinate = `${type.name}.${name}`;
      if (
        names.has(name) &&
        !marks.inputFields.has(coordinate) &&
        !marks.unmarked.has(coordinate)
      ) {
        problem(coordinate, remedy);
      }
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
