/** Operations that several cases send. */

export const ORGANIZATION = "monogram-labs";

export const VIEWER = "{ viewer }";

export const ASSETS = /* GraphQL */ `
  query ($library: ID!, $organization: ID = "monogram-labs") {
    assets(organizationId: $organization, libraryId: $library) {
      id
    }
  }
`;

export const RENAME = /* GraphQL */ `
  mutation ($library: ID!, $name: String = "renamed") {
    renameAsset(
      organizationId: "monogram-labs"
      libraryId: $library
      assetId: "barcelona-1"
      name: $name
    ) {
      name
    }
  }
`;

export const BARCELONA = { assets: [{ id: "barcelona-1" }, { id: "barcelona-2" }] };
