import { Html, html } from "./html";
import type { PageLanguage } from "./words";

/** A page's response: markup, or a redirect. */
export type PageResponse = { markup: string; status?: number } | { location: string };

/** The layout of every page. Its banner states that no money moves. */
export function layout(language: PageLanguage, title: string, body: Html, wide = false): string {
  const page = html`<!doctype html>
<html lang="${language.lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${css}</style>
</head>
<body>
<p class="notice" role="note" data-testid="simulated">${language.text("noMoney")}</p>
<main${wide && html` class="wide"`}>${body}</main>
</body>
</html>`;
  return page.text;
}

// Not built with `html`, which would escape quotes and child selectors.
const css = new Html(`
:root{color-scheme:light dark;--paper:#faf8f4;--card:#fff;--ink:#1d1b18;--soft:#6b655c;--line:#e2dcd1;--accent:#b3361f;--on-accent:#fff}
@media (prefers-color-scheme:dark){:root{--paper:#161513;--card:#1f1d1a;--ink:#ece8e1;--soft:#a49c90;--line:#38342e;--accent:#e0674d;--on-accent:#1a1210}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 -apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Noto Sans",sans-serif}
:lang(zh-CN){font-family:"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
.notice{margin:0;padding:.6rem 1rem;text-align:center;font-size:.9rem;border-bottom:1px solid var(--line);color:var(--soft)}
main{max-width:40rem;margin:2rem auto;padding:0 1rem}
main.wide{max-width:80rem}
h1{font-size:1.4rem;margin:0 0 1rem}
h2{font-size:1.05rem;margin:2rem 0 .6rem}
section>h2:first-child{margin-top:0}
section,form.card{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:1.2rem;margin:0 0 1rem}
table{width:100%;border-collapse:collapse}
th,td{text-align:left;padding:.4rem .5rem .4rem 0;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
th{font-weight:600;color:var(--soft);font-size:.85rem}
.sum{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
tfoot td{font-weight:600;border-bottom:0}
fieldset{border:0;padding:0;margin:1rem 0}
legend{font-weight:600;padding:0;margin-bottom:.3rem}
label{display:block;padding:.35rem 0}
label.choice{cursor:pointer;display:flex;gap:.5rem;align-items:baseline}
input[type=number],select{font:inherit;width:100%;padding:.5rem .6rem;border:1px solid var(--line);border-radius:.4rem;background:var(--paper);color:var(--ink)}
button,.button{font:inherit;cursor:pointer;padding:.55rem 1rem;border-radius:.4rem;border:1px solid var(--line);background:var(--paper);color:var(--ink);text-decoration:none;display:inline-block}
button.main{background:var(--accent);border-color:var(--accent);color:var(--on-accent);font-weight:600;width:100%}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.error{border-left:3px solid var(--accent);padding:.4rem .8rem;margin:0 0 1rem}
.row{display:flex;gap:.6rem;flex-wrap:wrap;align-items:center;margin:.6rem 0}
.row>label{flex:1 1 10rem;padding:0}
.soft{color:var(--soft);font-size:.9rem}
a{color:inherit}
.scroll{overflow-x:auto}
.scroll th,.scroll td{white-space:nowrap;padding-right:1.2rem}
main.wide td{vertical-align:middle}
code{font-size:.85em}
td form{display:inline-block;margin:0 .4rem 0 0}
td form.row{display:inline-flex}
td form.row>label{flex:0 1 auto}
td form.row input{width:6rem;padding:.2rem .4rem}
td button,td .button{padding:.25rem .6rem;font-size:.9rem}
td:last-child,th:last-child{padding-right:0}
`);
