/** The page's style: system fonts, light or dark as the reader prefers, in one column or two. */

export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fcfcfa; --ink: #1c2126; --soft: #5b646d; --line: #dfe1e0; --panel: #f2f3f1; --accent: #0b6b52;
  --get: #0b6b52; --post: #8a4b08; --delete: #a3232f;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14181b; --ink: #e4e7e8; --soft: #9aa4ab; --line: #2e353a; --panel: #1d2327; --accent: #5fcfae;
    --get: #5fcfae; --post: #e8b06a; --delete: #f08c95;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
a { color: var(--accent); text-underline-offset: 0.15em; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
code, pre { font-family: ui-monospace, "Cascadia Mono", Menlo, "DejaVu Sans Mono", monospace; font-size: 0.875em; }
code { overflow-wrap: anywhere; }
pre { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; margin: 0.75rem 0; padding: 0.75rem 1rem; overflow-x: auto; line-height: 1.45; }
pre code { font-size: inherit; overflow-wrap: normal; }
h1, h2, h3, h4 { line-height: 1.25; margin: 0; text-wrap: balance; }
h1 { font-size: 1.75rem; }
h2 { font-size: 1.375rem; margin-top: 3.5rem; padding-bottom: 0.35rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1.25rem; margin-top: 2.5rem; font-weight: 600; }
h4 { font-size: 0.8125rem; margin: 1.5rem 0 0.25rem; color: var(--soft); font-weight: 600; }
p, ul { margin: 0.6rem 0; }
ul { padding-left: 1.25rem; }
small, .soft { color: var(--soft); font-size: 0.875rem; }
.page { max-width: 74rem; margin: 0 auto; padding: 1.5rem 1.25rem 5rem; }
main { min-width: 0; max-width: 52rem; }
nav { border-bottom: 1px solid var(--line); margin-bottom: 1.5rem; padding-bottom: 1rem; font-size: 0.9375rem; }
nav strong { display: block; margin-top: 0.9rem; font-size: 0.8125rem; color: var(--soft); font-weight: 600; }
nav ul { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: 0 1rem; }
nav a { text-decoration: none; display: inline-block; padding: 0.2rem 0; }
nav a:hover { text-decoration: underline; }
.method { font-weight: 700; color: var(--get); margin-right: 0.35em; }
.method.post { color: var(--post); }
.method.delete { color: var(--delete); }
dl { margin: 0.25rem 0; }
dl > div { display: grid; gap: 0 1.25rem; padding: 0.5rem 0; border-top: 1px solid var(--line); }
dl > div:first-child { border-top: 0; }
dl.answers > div { grid-template-columns: 3.5rem minmax(0, 1fr); padding: 0.35rem 0; }
dt { min-width: 0; }
dd { margin: 0; min-width: 0; }
dd p { margin: 0; }
dd > small { display: block; }
dt small { display: block; }
dd ul { padding-left: 1.1rem; margin: 0.2rem 0 0; }
.codes a { margin-right: 0.9em; text-decoration: none; }
.codes a:hover { text-decoration: underline; }
:target { background: color-mix(in srgb, var(--accent) 14%, transparent); border-radius: 4px; }
@media (min-width: 44rem) {
  dl > div, dl.answers > div { grid-template-columns: 12.5rem minmax(0, 1fr); }
}
@media (min-width: 64rem) {
  .page { display: grid; grid-template-columns: 15rem minmax(0, 1fr); gap: 3rem; padding-top: 2.5rem; }
  nav { border: 0; margin: 0; position: sticky; top: 2.5rem; align-self: start; max-height: calc(100vh - 4rem); overflow-y: auto; }
  nav ul { display: block; }
  nav a { padding: 0.1rem 0; }
}
@media print { nav { display: none; } a { color: inherit; } }
`;
