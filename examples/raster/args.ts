/** Arguments of a field that names an organization. */
export interface InOrganization {
  readonly organizationId: string;
}

/** Arguments of a field that names a library. */
export interface InLibrary extends InOrganization {
  readonly libraryId: string;
}

/** Arguments of a field that names assets of a library. */
export interface OfAssets extends InLibrary {
  readonly assetIds: readonly string[];
}
