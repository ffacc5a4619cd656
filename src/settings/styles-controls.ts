import { css } from "lit";

/** What is pressed and what is filled in. */
export const controls = css`
  button,
  input {
    font: inherit;
    color: inherit;
  }
  button {
    min-height: 2.375rem;
    padding: 0.25rem 0.875rem;
    border: 1px solid var(--_control);
    border-radius: var(--_radius);
    background: var(--_surface);
    font-weight: 550;
    white-space: nowrap;
    cursor: pointer;
  }
  button:hover {
    background: var(--_raised);
  }
  .primary,
  .primary:hover {
    border-color: var(--_accent);
    background: var(--_accent);
    color: var(--_on-accent);
  }
  .danger {
    color: var(--_danger);
  }
  .primary.danger {
    border-color: var(--_danger);
    background: var(--_danger);
    color: var(--_on-danger);
  }
  .primary:hover {
    filter: brightness(1.08);
  }
  .link {
    min-height: 1.5rem;
    padding: 0;
    border: 0;
    background: none;
    color: var(--_accent);
    text-align: start;
    white-space: normal;
  }
  .link:hover {
    background: none;
    text-decoration: underline;
  }
  button[aria-disabled="true"] {
    cursor: progress;
    opacity: 0.75;
  }
  :focus-visible {
    outline: 2px solid var(--_accent);
    outline-offset: 2px;
  }
  label {
    font-weight: 550;
  }
  .text {
    width: 100%;
    min-height: 2.375rem;
    padding: 0.25rem 0.75rem;
    border: 1px solid var(--_control);
    border-radius: var(--_radius);
    background: var(--_surface);
  }
  .day {
    width: auto;
    flex: 0 1 11rem;
  }
  .text[aria-invalid="true"] {
    border-color: var(--_danger);
  }
  .text::placeholder {
    color: var(--_muted);
  }
  code {
    white-space: nowrap;
  }
  code,
  .secret {
    font-family: var(--_mono);
    font-size: 0.875rem;
  }
`;
