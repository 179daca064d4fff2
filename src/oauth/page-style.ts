/** How the pages look: one column that fits a phone, the reader's own light or dark, contrasts of WCAG 2.2 AA. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --ink: #1c1c1e; --soft: #55565c; --paper: #f4f4f6; --card: #fff; --line: #75767d;
  --accent: #1f4fb5; --on-accent: #fff; --alarm: #a81515; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #f1f1f3; --soft: #b6b7be; --paper: #161618; --card: #222226; --line: #8b8c94; --accent: #9dbcff;
    --on-accent: #10131a; --alarm: #ff9c92; }
}
* { box-sizing: border-box; }
body { margin: 0; padding: 1rem; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
header { max-width: 26rem; margin: 1rem auto; color: var(--soft); font-weight: 600; }
main { max-width: 26rem; margin: 0 auto; padding: 1.5rem; background: var(--card); border-radius: 0.75rem; }
h1 { margin: 0 0 0.5rem; font-size: 1.5rem; line-height: 1.25; overflow-wrap: anywhere; }
p { margin: 0.5rem 0; overflow-wrap: anywhere; }
ul { padding-left: 1.25rem; }
a { color: var(--accent); }
form { margin: 1rem 0 0; }
form + form { margin-top: 0.75rem; }
label { display: block; margin-top: 1rem; font-weight: 600; }
input, select, button { width: 100%; min-height: 2.75rem; padding: 0.5rem 0.75rem; border-radius: 0.5rem; font: inherit; }
input, select { border: 1px solid var(--line); background: var(--card); color: var(--ink); }
input[aria-invalid] { border: 2px solid var(--alarm); }
button { border: 1px solid var(--accent); cursor: pointer; font-weight: 600; }
button.primary { margin-top: 1.25rem; background: var(--accent); color: var(--on-accent); }
button.secondary { background: transparent; color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.hint { margin: 0.125rem 0; color: var(--soft); font-size: 0.9rem; }
.error { color: var(--alarm); font-weight: 600; }
`;
