import { html } from 'hono/html'
import { icon } from './layout.ts'

/** The page of an approval: a person signs in, sees what would be sent, and decides. */
export async function approvePage(id: string): Promise<string> {
  return String(
    await html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Approve what an agent asks for</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/link/page.css">
<script src="/link/approve.js" defer></script>
</head>
<body data-approval="${id}">
<div class="card">
<header class="bar"><span class="bar-space"></span><span class="bar-name">Approval</span><span class="bar-space"></span></header>
<main id="main" tabindex="-1">
<h1 id="heading" tabindex="-1">An agent asks for approval</h1>
<div class="alert" id="failure" role="alert" hidden>${icon('alert')}<div><p class="alert-text" id="failure-text"></p></div></div>
<form id="sign-in">
<p class="lead">Sign in with a token that may approve. It stays in this window and is forgotten when you close it.</p>
<div class="field"><label for="token">Approve token</label><input id="token" type="password" autocomplete="off" spellcheck="false" required></div>
<div class="actions"><button class="button" id="open" type="submit">Show what is asked</button></div>
</form>
<form id="decide" hidden>
<p class="lead" id="question"></p>
<dl class="facts" id="facts"></dl>
<div id="choice">
<div class="field"><label for="note">Note <span class="optional">optional</span></label><input id="note" maxlength="500" autocomplete="off"></div>
<div class="actions"><button class="button" id="release" type="submit" value="release">Release</button><button class="button plain" id="refuse" type="submit" value="refuse">Refuse</button></div>
</div>
<p class="note" id="outcome" role="status"></p>
</form>
</main>
<footer class="foot">${icon('lock')}<span>Releasing sends nothing yet: the agent may then do just this, once.</span></footer>
</div>
</body>
</html>
`,
  )
}
