import { createKeyHasher } from "./hash.js";
import { ALPHABET, ID_LENGTH, ID_PREFIX } from "./key.js";

/**
 * Makes the function that answers the id of what an idempotency key makes: the same on every instance, under any pepper,
 * and like every other id to look at. The store lets an id be taken once, so that nothing else has to be remembered.
 *
 * 119 bits of a digest over both texts, as JSON, which no two pairs share: nobody finds a text that leads to another
 * organization's id.
 */
export function createIdDeriver(): (organizationId: string, idempotencyKey: string) => string {
  const digest = createKeyHasher();
  return (organizationId, idempotencyKey) => {
    const text = JSON.stringify(["graphql-api-keys id", organizationId, idempotencyKey]);
    let rest = BigInt(`0x${digest(text)}`);
    let id = ID_PREFIX;
    for (let i = 0; i < ID_LENGTH; i++) {
      id += ALPHABET[Number(rest % 62n)];
      rest /= 62n;
    }
    return id;
  };
}
