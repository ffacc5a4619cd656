/** Values that are tied to objects of others that do not last: to a request, to a context. */
export interface Tie<Value> {
  /** What is tied to an object; undefined for anything else. */
  get(object: unknown): Value | undefined;
  /** Ties a value to an object, in place of the one before. */
  set(object: object, value: Value): void;
}

/** Makes whatever it is given its instance: a subclass' private field is then that object's. */
class Given {
  constructor(object: object) {
    return object;
  }
}

/**
 * Makes a tie. Its values are private fields of the objects themselves, so that nothing a host or a resolver writes into
 * an object replaces one, a copy of the object has none, and they go with it. A WeakMap says the same, and takes several
 * times as long for an object that is new to it, as those of every request are; for objects that outlive the tie it is
 * the right thing, since here their values live as long as they.
 */
export function createTie<Value>(): Tie<Value> {
  // JavaScript is about to refuse private fields to objects that take no more properties.
  const ofFrozen = new WeakMap<object, Value>();

  class Tied extends Given {
    #value: Value;

    constructor(object: object, value: Value) {
      super(object);
      this.#value = value;
    }

    static get(object: unknown): Value | undefined {
      if (!isObject(object)) return undefined;
      return #value in object ? object.#value : ofFrozen.get(object);
    }

    static set(object: object, value: Value): void {
      if (#value in object) object.#value = value;
      else if (Object.isExtensible(object)) new Tied(object, value);
      else ofFrozen.set(object, value);
    }
  }

  return { get: Tied.get, set: Tied.set };
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
