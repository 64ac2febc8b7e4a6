import { existsSync, mkdirSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import axe from 'axe-core'
import { type Browser, type BrowserContext, chromium, type Frame, type Page } from 'playwright-core'
import { ROOT } from '../support/house.ts'

const CHROMIUM = '/usr/bin/chromium'
const ARTIFACTS = join(ROOT, 'test/.artifacts/link')
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run']
const QUIET = ['--disable-background-networking', '--disable-component-update', '--disable-sync']

/** Whether there is a browser to test with. */
export const HAS_BROWSER = existsSync(CHROMIUM)

/** The tests' browser. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: [...FLAGS, ...QUIET] })
}

/** How a page is looked at. */
export interface Look {
  readonly scheme: 'light' | 'dark'
  readonly width: 'wide' | 'phone'
}

/** Every way of looking at a page that is checked. */
export const LOOKS: readonly Look[] = [
  { scheme: 'light', width: 'wide' },
  { scheme: 'dark', width: 'wide' },
  { scheme: 'light', width: 'phone' },
  { scheme: 'dark', width: 'phone' },
]

const SIZES = { wide: { width: 1100, height: 820 }, phone: { width: 375, height: 740 } }

/** A browser of its own, without cookies of others; what scripts complain of and what is asked of other hosts is told. */
export async function openContext(browser: Browser, hosts: readonly string[], look: Look = LOOKS[0] as Look) {
  const context = await browser.newContext({ viewport: SIZES[look.width], colorScheme: look.scheme })
  const errors: string[] = []
  const outside: string[] = []
  await context.route('**', (route) => {
    const { host, protocol } = new URL(route.request().url())
    if (protocol === 'data:' || hosts.includes(host)) return route.continue()
    outside.push(route.request().url())
    return route.abort()
  })
  context.on('weberror', (error) => errors.push(String(error.error())))
  context.on('console', (message) => {
    // A refused form is an answer 4xx, which the browser tells of by itself.
    if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) errors.push(message.text())
  })
  return { context, errors, outside }
}

/** Takes a picture, and answers what axe-core finds that is serious or critical. */
export async function inspect(page: Page, name: string, where: Page | Frame = page): Promise<string[]> {
  mkdirSync(ARTIFACTS, { recursive: true })
  await page.screenshot({ path: join(ARTIFACTS, `${name}.png`), fullPage: true })
  // Evaluated past the policy of the page, as a tester's tool is.
  await where.evaluate(axe.source)
  const found = await where.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run()
    return violations.map(({ id, impact, nodes }) => ({ id, impact, nodes: nodes.map(({ html }) => html) }))
  })
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${name}: ${id}: ${nodes.join(' ')}`)
}

/** The application of a customer: a page of another site that loads /link.js and opens Link from a button. */
export interface HostApp {
  readonly origin: string
  readonly done: string
  close(): Promise<void>
}

/** Starts the application; `localhost` is another site than the server's `127.0.0.1`. */
export async function startHostApp(onefold: () => string): Promise<HostApp> {
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8')
    const script = request.url === '/sdk.js' ? SCRIPT : null
    if (script !== null) response.setHeader('content-type', 'text/javascript')
    response.end(script ?? pageOf(onefold()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`
  return {
    origin,
    done: `${origin}/done`,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

const pageOf = (onefold: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Northwind</title><link rel="icon" href="data:,">
<script src="${onefold}/link.js"></script><script src="/sdk.js" defer></script></head>
<body style="font-family: sans-serif; padding: 40px; background: #eef1f6"><h1>Northwind settings</h1>
<p>Connect the account with which you take payments.</p><button id="go">Connect</button><pre id="out"></pre></body></html>`

const SCRIPT = `
const out = document.getElementById('out')
const show = (value) => { out.textContent = JSON.stringify(value) }
try { const found = Onefold.result(); if (found) show(found) } catch (error) { show({ code: error.code }) }
document.getElementById('go').addEventListener('click', () => {
  const options = JSON.parse(document.getElementById('go').dataset.options)
  Onefold.connect(options).then(show, (error) => show({ code: error.code, isOurs: error instanceof Onefold.OnefoldError }))
})
`

/** Presses the button of the application. */
export async function press(page: Page, options: Record<string, unknown>): Promise<void> {
  const button = page.locator('#go')
  await button.evaluate((element, given) => {
    ;(element as unknown as { dataset: Record<string, string> }).dataset.options = given
  }, JSON.stringify(options))
  await button.click()
}

/** What the application was told, once it was told something. */
export async function told(page: Page): Promise<unknown> {
  const out = page.locator('#out')
  await page.waitForFunction("document.getElementById('out').textContent !== ''")
  return JSON.parse(await out.innerText())
}

/** The popup that a context opens next. */
export const nextPage = (context: BrowserContext): Promise<Page> => context.waitForEvent('page')
