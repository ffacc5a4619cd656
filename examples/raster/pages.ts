import type { Organization } from "./data.js";

/** The settings page of an organization. All it takes is a script, a tag and its two attributes. */
export function settingsPage({ id, name }: Organization): string {
  return page(
    `${name} – Settings`,
    `<script type="module" src="/settings/api-keys-settings.js"></script>`,
    `<header>
      <p><b>${escape(name)}</b> Settings</p>
      <form method="post" action="/settings/sign-out"><button>Sign out</button></form>
    </header>
    <main>
      <h1>Settings</h1>
      <api-keys-settings endpoint="/settings/graphql" organization="${escape(id)}"></api-keys-settings>
    </main>`,
  );
}

/** The development sign-in: whoever comes chooses whom to be. */
export function signInPage(organizations: readonly Organization[]): string {
  const choices = organizations.map(
    ({ id, name }) => `<button name="organization" value="${escape(id)}">${escape(name)}</button>`,
  );
  return page(
    "Sign in",
    "",
    `<main>
      <h1>Sign in</h1>
      <p>For development: nobody asks who you are. Choose the organization that you manage.</p>
      <form method="post" action="/settings/sign-in">${choices.join("\n")}</form>
    </main>`,
  );
}

function page(title: string, head: string, body: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width" />
    <meta name="color-scheme" content="light dark" />
    <title>${escape(title)}</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="/settings/settings.css" />
    ${head}
  </head>
  <body>
    ${body}
  </body>
</html>
`;
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
