/**
 * Shows, in a host's own tests, that a store keeps API keys as it must.
 *
 * @module
 */
export { storeCases, type StoreCase, type StoreUnderTest } from "./store-cases.js";
