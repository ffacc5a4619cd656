import { describe, expect, it, vi } from "vitest";
import type { AccessTable, ApiKeyEvent, ApiKeyRecord, KeyStore } from "../../src/index.js";
import { createMemoryStore } from "../../src/stores/memory.js";
import { errorOf, NOW_MS, recordOf, verdictOf } from "../support/fixture.js";
import { createInstance, endOf, turn, useVirtualTime } from "../support/virtual-time.js";

const organizationId = "monogram-labs";
const lisbon = { organizationId, libraryId: "lisbon" };

useVirtualTime();

/** A store with so many keys of an organization, and three of another. */
function createMany(count: number, access: AccessTable = { barcelona: "write", lisbon: "read" }) {
  const memory = createMemoryStore();
  const add = (n: number, owner: string, more: Partial<ApiKeyRecord> = {}) => {
    const id = `key_${owner}_${n}`;
    const hash = Buffer.from(id).toString("hex").padEnd(64, "0").slice(0, 64);
    const createdAtMs = NOW_MS + Math.floor(n / 3);
    memory.insert(recordOf({ id, hash, organizationId: owner, access, createdAtMs, ...more }));
  };
  for (let n = 0; n < count; n++) add(n, organizationId);
  for (let n = 0; n < 3; n++) add(n, "acme-co");
  const all = (owner = organizationId) =>
    memory.list(owner, 10_000, null) as readonly ApiKeyRecord[];
  const reaching = (libraryId: string, owner = organizationId) =>
    all(owner).filter(({ access }) => libraryId in access).length;
  return { memory, add, all, reaching };
}

function createOne(store: KeyStore, leaseMs = 0) {
  const events: ApiKeyEvent[] = [];
  const apiKeys = createInstance(store, { leaseMs, onEvent: (event) => events.push(event) });
  return { apiKeys, events };
}

describe("removeLibrary", () => {
  it.each([0, 1, 99, 100, 101, 350])("takes it from all of %d keys, and no more", async (count) => {
    const { memory, all, reaching } = createMany(count);
    const { apiKeys, events } = createOne(memory);
    const others = all("acme-co");
    expect(await apiKeys.removeLibrary({ ...lisbon, actor: "ann" })).toBe(count);
    expect([reaching("lisbon"), reaching("barcelona"), all().length]).toEqual([0, count, count]);
    expect(all("acme-co")).toEqual(others);
    expect(all().every(({ version }) => version === 2)).toBe(true);
    expect(events.length).toBe(count);
    for (const event of events) {
      expect(event).toMatchObject({
        type: "accessChanged",
        actor: "ann",
        version: 2,
        organizationId,
      });
      if (event.type !== "accessChanged") expect.unreachable();
      expect({ ...event.before }).toEqual({ barcelona: "write", lisbon: "read" });
      expect({ ...event.after }).toEqual({ barcelona: "write" });
    }
  });

  it("writes nothing to keys that do not reach it", async () => {
    const { memory } = createMany(10, { barcelona: "write" });
    const replace = vi.fn(memory.replace);
    const { apiKeys, events } = createOne({ ...memory, replace });
    expect(await apiKeys.removeLibrary(lisbon)).toBe(0);
    expect([replace.mock.calls.length, events]).toEqual([0, []]);
  });

  it("knows a library from its like, and from what every object has", async () => {
    const access = JSON.parse('{"__proto__": "read", "Lisbon": "read", "lisbon ": "read"}');
    const { memory, reaching } = createMany(3, access as AccessTable);
    const { apiKeys } = createOne(memory);
    expect(await apiKeys.removeLibrary(lisbon)).toBe(0);
    expect(await apiKeys.removeLibrary({ organizationId, libraryId: "constructor" })).toBe(0);
    expect(await apiKeys.removeLibrary({ organizationId, libraryId: "__proto__" })).toBe(3);
    expect(reaching("Lisbon")).toBe(3);
  });

  it("waits once for all, also when nothing was left to do", async () => {
    const { memory } = createMany(350);
    createOne(memory);
    memory.raiseLease(1000); // by another instance
    const { apiKeys } = createOne(memory);
    const first = await endOf(() => apiKeys.removeLibrary(lisbon));
    expect(first).toEqual({ verdict: "ok", answer: 350, ms: 1100 });
    const again = await endOf(() => apiKeys.removeLibrary(lisbon));
    expect(again).toEqual({ verdict: "ok", answer: 0, ms: 1100 });
  });

  it("includes what is granted and created meanwhile, and waits for it too", async () => {
    const { memory, reaching, add } = createMany(5);
    const { apiKeys } = createOne(memory, 1000);
    const ending = endOf(() => apiKeys.removeLibrary(lisbon));
    const meanwhile = vi.fn(async () => {
      expect(reaching("lisbon")).toBe(0);
      add(50, organizationId);
      const id = `key_${organizationId}_0`;
      await apiKeys.grant({ organizationId, id }, { libraryId: "lisbon", level: "write" });
      expect(reaching("lisbon")).toBe(2);
    });
    setTimeout(meanwhile, 500);
    expect(await ending).toEqual({ verdict: "ok", answer: 7, ms: 2200 });
    await meanwhile.mock.results[0]!.value;
    expect(reaching("lisbon")).toBe(0);
  });

  it("outlasts others who change the same keys", async () => {
    const { memory, reaching, all } = createMany(40);
    const replace = vi.fn(memory.replace);
    let n = 0;
    replace.mockImplementation((record, before) => {
      // Somebody else comes first, every other time.
      if (n++ % 2 === 0)
        memory.replace(
          { ...record, access: { lisbon: "write" }, version: before.version + 1 },
          before,
        );
      return memory.replace(record, before);
    });
    const { apiKeys } = createOne({ ...memory, replace });
    expect(await apiKeys.removeLibrary(lisbon)).toBe(40);
    expect([reaching("lisbon"), all().length]).toEqual([0, 40]);
  });

  it("takes keys that are deleted meanwhile for done", async () => {
    const { memory, all } = createMany(20);
    const replace: KeyStore["replace"] = (record, before) => {
      if (record.id.endsWith("7")) memory.delete(record);
      return memory.replace(record, before);
    };
    const { apiKeys } = createOne({ ...memory, replace });
    expect(await apiKeys.removeLibrary(lisbon)).toBe(18);
    expect(all().length).toBe(18);
  });

  it("is beaten by somebody else: the key lost it already, which is not counted", async () => {
    const { memory, reaching } = createMany(3);
    const findById: KeyStore["findById"] = (ref) => {
      const { record } = memory.findById(ref) as { record: ApiKeyRecord | null };
      if (record?.version === 1) memory.replace({ ...record, access: {}, version: 2 }, record);
      return memory.findById(ref);
    };
    const { apiKeys, events } = createOne({ ...memory, findById });
    expect(await apiKeys.removeLibrary(lisbon)).toBe(0);
    expect([reaching("lisbon"), events]).toEqual([0, []]);
  });

  it("gives up when keys are granted faster than they can be changed", async () => {
    const { memory } = createMany(2);
    const settings = { store: memory, round: 0 };
    const replace: KeyStore["replace"] = (record, before) => {
      const done = memory.replace(record, before);
      if (!done || "lisbon" in record.access) return done;
      settings.round++;
      return memory.replace(
        { ...record, access: { lisbon: "read" }, version: record.version + 1 },
        record,
      );
    };
    const { apiKeys } = createOne({ ...memory, replace });
    const error = await errorOf(() => apiKeys.removeLibrary(lisbon));
    expect(error).toMatchObject({ code: "UNAVAILABLE" });
    expect((error.cause as Error).message).toBe("keys are made faster than they can be changed");
    expect(settings.round).toBe(40); // 20 rounds of two keys
  });

  it("makes eight changes at a time", async () => {
    const { memory } = createMany(100);
    let [open, most] = [0, 0];
    const replace: KeyStore["replace"] = async (record, before) => {
      most = Math.max(most, ++open);
      await turn();
      open--;
      return memory.replace(record, before);
    };
    expect(await createOne({ ...memory, replace }).apiKeys.removeLibrary(lisbon)).toBe(100);
    expect(most).toBe(8);
  });

  it.each<[string, object, string]>([
    ["no organization", { libraryId: "a" }, "TypeError"],
    ["no library", { organizationId }, "TypeError"],
    ["an empty library", { organizationId, libraryId: "" }, "RangeError"],
    ["an actor of a number", { ...lisbon, actor: 7 }, "TypeError"],
    ["an unknown option", { ...lisbon, id: "x" }, "TypeError"],
    ["an actor of null", { ...lisbon, actor: null }, "ok"],
  ])("takes %s: %#", async (_, options, verdict) => {
    const { apiKeys } = createOne(createMemoryStore());
    expect(await verdictOf(() => apiKeys.removeLibrary(options as never))).toBe(verdict);
  });
});

describe("deleteOrganization", () => {
  it.each([0, 1, 100, 301])(
    "deletes all of %d keys, and no other organization's",
    async (count) => {
      const { memory, all } = createMany(count);
      const { apiKeys, events } = createOne(memory);
      expect(await apiKeys.deleteOrganization(organizationId, { actor: "ann" })).toBe(count);
      expect([all().length, all("acme-co").length, events.length]).toEqual([0, 3, count]);
      for (const event of events) {
        expect(event).toMatchObject({
          type: "deleted",
          actor: "ann",
          organizationId,
          atMs: NOW_MS,
        });
      }
      expect(await apiKeys.deleteOrganization(organizationId)).toBe(0);
    },
  );

  it("waits once for all, also when all were gone", async () => {
    const { memory, all } = createMany(301);
    const { apiKeys } = createOne(memory, 1000);
    const first = await endOf(() => apiKeys.deleteOrganization(organizationId));
    expect(first).toEqual({ verdict: "ok", answer: 301, ms: 1100 });
    const again = await endOf(() => apiKeys.deleteOrganization(organizationId));
    expect(again).toEqual({ verdict: "ok", answer: 0, ms: 1100 });
    expect(all().length).toBe(0);
  });

  it("includes keys that are made meanwhile, and what a store that failed over brings back", async () => {
    const { memory, all, add } = createMany(4);
    const { apiKeys } = createOne(memory, 1000);
    const before = all();
    const ending = endOf(() => apiKeys.deleteOrganization(organizationId));
    setTimeout(() => {
      void apiKeys.create({ organizationId, name: "late" });
      memory.insert(before[0]!);
    }, 600);
    setTimeout(() => add(77, organizationId), 1700);
    expect(await ending).toEqual({ verdict: "ok", answer: 7, ms: 3300 });
    expect(all()).toEqual([]);
  });

  it("does not count what somebody else deletes meanwhile", async () => {
    const { memory, all } = createMany(10);
    const remove: KeyStore["delete"] = (ref) => {
      if (ref.id.endsWith("3")) memory.delete(ref);
      return memory.delete(ref);
    };
    const { apiKeys, events } = createOne({ ...memory, delete: remove });
    expect(await apiKeys.deleteOrganization(organizationId)).toBe(9);
    expect([all().length, events.length]).toEqual([0, 9]);
  });

  it.each<[string, unknown[], string]>([
    ["no organization", [], "TypeError"],
    ["an empty organization", [""], "RangeError"],
    ["options of null", [organizationId, null], "TypeError"],
    ["an unknown option", [organizationId, { version: 1 }], "TypeError"],
    ["an empty actor", [organizationId, { actor: "" }], "RangeError"],
    ["an actor", [organizationId, { actor: "ann" }], "ok"],
  ])("takes %s: %#", async (_, parameters, verdict) => {
    const { apiKeys } = createOne(createMemoryStore());
    const call = () => apiKeys.deleteOrganization(...(parameters as [string]));
    expect(await verdictOf(call)).toBe(verdict);
  });
});

describe("a broken store", () => {
  const { all } = createMany(250);
  const records = all();

  it.each<[string, Partial<Record<keyof KeyStore, unknown>>]>([
    ["lists the same page for ever", { list: () => records.slice(0, 100) }],
    [
      "lists two pages in turn for ever",
      {
        list: (_: string, __: number, after: { id: string } | null) =>
          after?.id === records[99]!.id ? records.slice(100, 200) : records.slice(0, 100),
      },
    ],
    ["lists one record a hundred times", { list: () => Array(100).fill(records[0]) }],
    ["lists one record twice", { list: () => [records[0], records[0]] }],
    ["lists nothing", { list: () => undefined }],
    ["lists another organization's", { list: () => [recordOf({ organizationId: "acme-co" })] }],
    ["cannot list", { list: () => Promise.reject(new Error("down")) }],
    ["cannot delete", { delete: () => Promise.reject(new Error("down")) }],
    ["deletes without saying", { delete: () => undefined }],
    ["cannot say how long leases are", { findById: () => Promise.reject(new Error("down")) }],
    ["says nothing of leases", { findById: () => ({ record: null }) }],
  ])("that %s is an outage", async (_, methods) => {
    const { memory } = createMany(250);
    const { apiKeys } = createOne({ ...memory, ...methods } as KeyStore);
    expect(await verdictOf(() => apiKeys.deleteOrganization(organizationId))).toBe("UNAVAILABLE");
  });

  it("that deletes nothing and says so is an outage, after twenty looks", async () => {
    const { memory } = createMany(3);
    const remove = vi.fn(() => true);
    const { apiKeys } = createOne({ ...memory, delete: remove });
    expect(await verdictOf(() => apiKeys.deleteOrganization(organizationId))).toBe("UNAVAILABLE");
    expect(remove).toHaveBeenCalledTimes(60);
  });

  it("that cannot replace fails removeLibrary, with what was done staying done", async () => {
    const { memory, reaching } = createMany(30);
    let left = 10;
    const replace: KeyStore["replace"] = (record, before) => {
      if (left-- > 0) return memory.replace(record, before);
      throw new Error("down");
    };
    const { apiKeys } = createOne({ ...memory, replace });
    expect(await verdictOf(() => apiKeys.removeLibrary(lisbon))).toBe("UNAVAILABLE");
    expect(reaching("lisbon")).toBe(20);
    expect(await createOne(memory).apiKeys.removeLibrary(lisbon)).toBe(20);
  });

  it("whose answers conflict for ever fails removeLibrary", async () => {
    const { memory } = createMany(1);
    const { apiKeys } = createOne({ ...memory, replace: () => false });
    expect(await verdictOf(() => apiKeys.removeLibrary(lisbon))).toBe("CONFLICT");
  });
});
