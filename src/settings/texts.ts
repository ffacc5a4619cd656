/** Every text of the element, in English. `{name}` and the like are filled in. */
export const defaultTexts = {
  heading: "API keys",
  intro:
    "Keys let external applications reach the libraries you choose. Treat them like passwords: never commit them to source control or expose them in client-side code.",
  generate: "Generate key",
  generating: "Generating…",
  loading: "Loading API keys…",
  loaded: "API keys: {count}",
  emptyHeading: "No API keys yet",
  empty: "Generate a key, then choose the libraries that it may reach.",
  retry: "Try again",
  more: "Show more keys",
  name: "Name",
  nameHint: "What will use it, such as “Website”.",
  nameMissing: "Enter a name.",
  key: "Key",
  created: "Created",
  lastUsed: "Last used",
  never: "Never",
  justNow: "Just now",
  libraries: "Libraries",
  noLibraries: "No access yet",
  moreLibraries: "{count} more",
  manage: "Manage",
  manageKey: "Manage {name}",
  disabled: "Disabled",
  expired: "Expired",
  expires: "Expires {date}",
  back: "All keys",
  access: "Library access",
  accessHint: "Read runs queries. Write also uploads, changes and deletes. None keeps the key out.",
  accessTo: "Access to {library}",
  none: "None",
  read: "Read",
  write: "Write",
  search: "Search libraries",
  onlyGranted: "With access only",
  setShown: "Set all {count} shown to",
  found: "Libraries shown: {count}",
  notFound: "No library matches.",
  noneExist: "This organization has no libraries yet.",
  librariesLoading: "Loading libraries…",
  showAll: "Show {count} more libraries",
  gone: "No longer exists",
  was: "Saved: {level}",
  unsaved: "Unsaved changes: {count}",
  save: "Save changes",
  saving: "Saving…",
  saved: "Saved. It counts from now on.",
  discard: "Discard changes",
  keepEditing: "Keep editing",
  leaveHeading: "Discard unsaved changes?",
  leave: "Your changes to {name} were not saved.",
  cancel: "Cancel",
  generateHeading: "Generate a key",
  generateHint: "It reaches no library until you grant access in the next step.",
  secretHeading: "Copy your key now",
  secretWarning:
    "For security, the full key is shown only this once. Store it where only your application can read it.",
  secretLabel: "Key for {name}",
  copy: "Copy",
  copied: "Copied",
  copiedStatus: "The key was copied.",
  copyFailed: "Copying was refused. Select the key and copy it yourself.",
  done: "Done, I have stored it",
  notCopied: "The key was not copied yet. It cannot be shown again.",
  dangerHeading: "Replace or delete this key",
  regenerate: "Regenerate key",
  regenerateHint: "A new value in place of the old one. Do this at once if the key leaked.",
  regenerateHeading: "Regenerate {name}?",
  regenerateWarning:
    "The value {hint} stops working at once. Whatever uses it is refused until it has the new one. Name and access stay.",
  delete: "Delete key",
  deleteHint: "For good. Do this when nothing uses the key any more.",
  deleteHeading: "Delete {name}?",
  deleteWarning:
    "The value {hint} stops working at once, for good. Whatever uses it is refused from then on.",
  stops: "What stops working",
  stopsNothing: "The key reaches no library.",
  working: "One moment…",
  deletedStatus: "{name} was deleted.",
  conflictHeading: "Someone else changed this key",
  conflict:
    "While you were editing, somebody saved. Nothing of yours is lost and nothing was overwritten.",
  conflictTaken: "Changed by them and taken over",
  conflictCollisions: "Changed by both of you: which shall it be?",
  conflictOpen: "Decide every line first.",
  mine: "Yours: {value}",
  theirs: "Theirs: {value}",
  becomes: "{from} → {to}",
  conflictGoOn: "Go on with these values",
  conflictNext: "Look it over, then save.",
  changedElsewhere:
    "Someone else changed this key in the meantime. Nothing was done. You see it as it is now.",
  deletedElsewhere: "Someone else deleted {name} in the meantime.",
  issuedBefore:
    "An earlier attempt made this key, but its answer was lost, and the key with it. Regenerate it to get a value.",
  failedNetwork: "The server could not be reached. Try again.",
  failedServer: "The server could not do it. Try again.",
  failedSignedOut: "You are signed out. Sign in again in another tab, then try again here.",
  failedForbidden: "You may not manage the API keys of this organization.",
};

/** The element's texts, by name. */
export type SettingsTexts = { readonly [Name in keyof typeof defaultTexts]: string };

/** Says a text, with its places filled in. */
export type Say = (
  name: keyof SettingsTexts,
  values?: Readonly<Record<string, string | number>>,
) => string;

/** Makes {@link Say}. What is not replaced is said in English. */
export function createSay(texts: Partial<SettingsTexts>): Say {
  return (name, values = {}) =>
    (texts[name] ?? defaultTexts[name]).replace(/\{(\w+)\}/g, (place, key: string) =>
      Object.hasOwn(values, key) ? String(values[key]) : place,
    );
}
