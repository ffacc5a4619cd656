import type { Data, NewAsset } from "./data.js";

const WIDTH = 320;
const HEIGHT = 240;

/** Two organizations that share a library id, and none of the assets in it. */
export function seed(data: Data): void {
  data.addOrganization("monogram-labs", "Monogram Labs", "team");
  data.addLibrary("monogram-labs", "barcelona", "Barcelona");
  data.addLibrary("monogram-labs", "lisbon", "Lisbon");
  data.addLibrary("monogram-labs", "porto", "Porto");
  data.addAssets(data.library("monogram-labs", "barcelona"), [
    picture("sagrada-familia", "Sagrada Família", "#b5651d", ["church", "gaudi"]),
    picture("casa-batllo", "Casa Batlló", "#2a6f97", ["house", "gaudi"]),
    picture("barceloneta", "Barceloneta beach", "#e9c46a", ["beach"]),
  ]);
  data.addAssets(data.library("monogram-labs", "lisbon"), [
    picture("belem-tower", "Belém Tower", "#8d99ae", ["tower"]),
    picture("tram-28", "Tram 28", "#f4a261", ["tram", "street"]),
  ]);

  data.addOrganization("acme-co", "Acme Co", "free");
  data.addLibrary("acme-co", "barcelona", "Barcelona office");
  data.addLibrary("acme-co", "warehouse", "Warehouse");
  data.addAssets(data.library("acme-co", "barcelona"), [
    picture("front-door", "Front door", "#6a994e", ["office"]),
    picture("reception", "Reception", "#bc4749", ["office"]),
    picture("kitchen", "Kitchen", "#a7c957", ["office", "food"]),
    picture("roof-terrace", "Roof terrace", "#386641", ["office"]),
  ]);
  data.addAssets(data.library("acme-co", "warehouse"), [
    picture("shelf-12", "Shelf 12", "#577590", ["storage"]),
  ]);
}

function picture(id: string, name: string, colour: string, tags: readonly string[]): NewAsset {
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}">` +
    `<rect width="100%" height="100%" fill="${colour}"/>` +
    `<text x="50%" y="50%" text-anchor="middle" font-family="sans-serif" font-size="24" fill="#fff">${name}</text>` +
    `</svg>`;
  return {
    id,
    name,
    description: `A picture of ${name}.`,
    contentType: "image/svg+xml",
    bytes: new TextEncoder().encode(svg),
    width: WIDTH,
    height: HEIGHT,
    parentId: null,
    tags,
  };
}
