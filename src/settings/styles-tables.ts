import { css } from "lit";

/** Tables, the choice of a level, dialogs, and what becomes of both in a narrow container. */
export const tables = css`
  table {
    width: 100%;
    border-collapse: collapse;
  }
  th,
  td {
    padding: 0.625rem 1rem;
    text-align: start;
    vertical-align: middle;
  }
  th {
    font-weight: 550;
  }
  tbody th {
    min-width: 9rem;
    overflow-wrap: anywhere;
  }
  thead th {
    color: var(--_muted);
    font-size: 0.8125rem;
    white-space: nowrap;
  }
  tbody tr {
    border-top: 1px solid var(--_border);
  }
  .levels tr:first-child {
    border-top: 0;
  }
  td:last-child {
    text-align: end;
  }
  td.nowrap {
    white-space: nowrap;
  }
  tr.changed {
    background: color-mix(in srgb, var(--_accent) 8%, transparent);
  }

  .choices {
    display: inline-flex;
    margin: 0;
    padding: 2px;
    border: 1px solid var(--_control);
    border-radius: var(--_radius);
    background: var(--_raised);
  }
  .choices label {
    position: relative;
    min-width: 4rem;
    padding: 0.1875rem 0.625rem;
    border-radius: calc(var(--_radius) - 3px);
    font-weight: 500;
    text-align: center;
    cursor: pointer;
  }
  .choices input {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
    margin: 0;
    opacity: 0;
    cursor: pointer;
  }
  .choices label:has(:checked) {
    background: var(--_accent);
    color: var(--_on-accent);
  }
  .choices label.off:has(:checked) {
    background: var(--_surface);
    color: var(--_text);
    box-shadow: inset 0 0 0 1px var(--_control);
  }
  .choices label:has(:focus-visible) {
    outline: 2px solid var(--_accent);
    outline-offset: 3px;
  }
  .sides {
    display: flex;
    flex-wrap: wrap;
    gap: 0.25rem 1.5rem;
    justify-content: flex-end;
  }
  td small {
    margin-inline-end: 0.5rem;
  }
  .check {
    display: inline-flex;
    gap: 0.5rem;
    align-items: center;
    font-weight: 400;
  }
  .check input {
    width: 1.125rem;
    height: 1.125rem;
    margin: 0;
    accent-color: var(--_accent);
  }
  dialog {
    width: min(34rem, calc(100vw - 2rem));
    max-height: calc(100dvh - 2rem);
    padding: 1.5rem;
    border: 1px solid var(--_border);
    border-radius: calc(var(--_radius) * 1.5);
    background: var(--_surface);
    color: inherit;
    box-shadow: 0 16px 48px rgb(0 0 0 / 30%);
    overflow: auto;
  }
  dialog::backdrop {
    background: rgb(10 14 22 / 55%);
  }
  .secret {
    flex: 1 1 20rem;
    min-width: 0;
    width: auto;
  }
  ul {
    margin: 0;
    padding-inline-start: 1.25rem;
  }
  .scroll {
    max-height: 11rem;
    overflow: auto;
  }

  @container (max-width: 44rem) {
    .keys thead {
      position: absolute;
      clip-path: inset(50%);
    }
    .keys tr,
    .keys td,
    .keys th {
      display: block;
    }
    .keys tr {
      padding: 0.625rem 0;
    }
    .keys tbody tr:first-child {
      border-top: 0;
    }
    .keys td,
    .keys th {
      padding: 0.125rem 1rem;
      text-align: start;
    }
    .keys td[data-label]::before {
      content: attr(data-label) ": ";
      color: var(--_muted);
      font-size: 0.8125rem;
    }
    .badges {
      display: inline-flex;
    }
  }
  @container (max-width: 30rem) {
    .save,
    .save .bar {
      padding: 0.5rem;
      gap: 0.5rem;
    }
    .save .bar {
      padding: 0;
    }
    .secret {
      padding: 0.25rem 0.375rem;
      font-size: 0.75rem; /* all of a key */
    }
    .levels tr,
    .levels td,
    .levels tbody th {
      display: block;
    }
    .levels thead {
      position: absolute;
      clip-path: inset(50%);
    }
    .levels td {
      padding-top: 0;
      text-align: start;
    }
    .sides {
      justify-content: flex-start;
    }
  }
  @media (forced-colors: active) {
    .choices label:has(:checked) {
      forced-color-adjust: none;
      background: Highlight;
      color: HighlightText;
    }
  }
`;
