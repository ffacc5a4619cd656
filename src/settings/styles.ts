import { css } from "lit";

/** Colours, text, layout, notes. A constructed sheet: nothing that a strict Content-Security-Policy refuses. */
export const base = css`
  :host {
    --_accent: var(--api-keys-accent, light-dark(#1f5fd6, #82aaff));
    --_on-accent: var(--api-keys-on-accent, light-dark(#fff, #10182b));
    --_danger: var(--api-keys-danger, light-dark(#b3261e, #ff9d94));
    --_on-danger: var(--api-keys-on-danger, light-dark(#fff, #35100c));
    --_text: var(--api-keys-text, light-dark(#1b1f27, #eceef3));
    --_muted: var(--api-keys-muted, light-dark(#586173, #a5adbd));
    --_surface: var(--api-keys-surface, light-dark(#fff, #191c23));
    --_raised: var(--api-keys-raised, light-dark(#f4f6f9, #232730));
    --_border: var(--api-keys-border, light-dark(#d5dae3, #3a404d));
    --_control: var(--api-keys-control-border, light-dark(#858e9e, #788294));
    --_warning: var(--api-keys-warning, light-dark(#fff4d6, #3a2f12));
    --_good: var(--api-keys-success, light-dark(#e3f5e8, #15321f));
    --_bad: var(--api-keys-error, light-dark(#fdeae8, #3d1a17));
    --_radius: var(--api-keys-radius, 8px);
    --_mono: var(--api-keys-mono, ui-monospace, "SFMono-Regular", Menlo, Consolas, monospace);
    display: block;
    container-type: inline-size;
    color: var(--_text);
    font: var(--api-keys-font, 400 0.9375rem/1.5 system-ui, sans-serif);
  }
  :host([hidden]) {
    display: none;
  }
  * {
    box-sizing: border-box;
  }
  h2,
  h3,
  p {
    margin: 0;
    overflow-wrap: anywhere;
  }
  h2 {
    font-size: 1.375rem;
    line-height: 1.3;
  }
  h3 {
    font-size: 1.0625rem;
  }
  h2:focus,
  h3:focus,
  p:focus {
    outline: none;
  }
  .muted,
  small {
    color: var(--_muted);
    font-size: 0.875rem;
    font-weight: 400;
  }
  .hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    margin: -1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .stack {
    display: grid;
    gap: 1rem;
  }
  .tight {
    display: grid;
    gap: 0.25rem;
  }
  .bar {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem 0.75rem;
    align-items: center;
  }
  .spread {
    justify-content: space-between;
  }
  .bar > p,
  .grow {
    flex: 1 1 16rem;
    max-width: 42rem;
  }
  .region:not(:has(p)) {
    position: absolute; /* takes no room, and is there for screen readers to watch */
  }
  .foot {
    position: sticky;
    bottom: 0;
    z-index: 1;
    display: grid;
    gap: 0.5rem;
  }
  .foot:not(:has(p, .save)) {
    display: contents; /* no gap above and below nothing */
  }
  .end {
    justify-content: flex-end;
  }
  .fields {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr));
    gap: 1rem 1.5rem;
    align-items: start;
  }

  .note {
    padding: 0.625rem 0.875rem;
    border: 1px solid var(--_border);
    border-inline-start: 4px solid var(--_control);
    border-radius: var(--_radius);
    background: var(--_raised);
    overflow-wrap: anywhere;
  }
  .note.bad {
    border-inline-start-color: var(--_danger);
    background: var(--_bad);
  }
  .note.good {
    border-inline-start-color: light-dark(#1d7a3c, #6fcf8d);
    background: var(--_good);
  }
  .note.warning {
    border-inline-start-color: light-dark(#a86a00, #f0b64d);
    background: var(--_warning);
  }
  .badge {
    display: inline-block;
    padding: 0 0.5rem;
    border: 1px solid var(--_border);
    border-radius: 1rem;
    background: var(--_raised);
    font-size: 0.8125rem;
    font-weight: 400;
    white-space: nowrap;
  }
  .badge b {
    font-weight: 600;
  }
  .badges {
    display: flex;
    flex-wrap: wrap;
    gap: 0.25rem;
    max-width: 100%;
  }
  .badges .badge {
    display: inline-flex;
    gap: 0.375rem;
    max-width: 12rem; /* however long the name: the table stays within its panel, and the level is seen */
  }
  .cut {
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .badge.unsaved {
    border-color: light-dark(#a86a00, #f0b64d);
    background: var(--_warning);
  }
  .badge.off {
    border-color: var(--_danger);
    color: var(--_danger);
  }
  .panel {
    border: 1px solid var(--_border);
    border-radius: var(--_radius);
    background: var(--_surface);
    overflow: clip;
  }
  .padded {
    padding: 1rem;
  }
  .empty {
    padding: 2.5rem 1rem;
    justify-items: center;
    text-align: center;
  }

  .save {
    padding: 0.75rem 1rem;
    border: 1px solid var(--_border);
    border-radius: var(--_radius);
    background: var(--_surface);
    box-shadow: 0 -4px 16px rgb(0 0 0 / 12%);
  }
`;
