import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { GOOD_KEY } from '../http/upstream.ts'
import { HAS_BROWSER, openBrowser, openContext, startHostApp } from '../link/browser.ts'
import { APP_ORIGIN, type LinkDesk, openLinkDesk } from '../link/desk.ts'
import { Visitor } from '../link/visit.ts'
import { readFiles } from '../support/house.ts'

/** Marks that would make an element, break out of an attribute or run in an address. */
const HOSTILE = `"><img src=x onerror=window.stolen=1><script>window.stolen=1</script>'\`{{7*7}}`
const QUOTED = `'${HOSTILE.replaceAll("'", "''")}'`

let desk: LinkDesk
beforeAll(async () => {
  desk = await openLinkDesk({
    environment: { brand: { name: HOSTILE.slice(0, 80) } },
    rewrite: (text) =>
      text
        .replace('label: Acme Pay', `label: ${QUOTED}`)
        .replace('label: API key\n      fields', `label: ${QUOTED.replace("'", "'API key ")}\n      fields`)
        .replace('help: In the dashboard under Keys.', `help: ${QUOTED}`)
        .replace('example: ak_test_0', `example: ${QUOTED}`)
        .replace('label: Region', `label: ${QUOTED}`),
  })
})
afterAll(() => desk?.close())

it('texts of definitions and brands are written as texts on every screen', async () => {
  const { url } = await desk.link({ integrations: ['acme', 'cobalt'], scopes: [HOSTILE] })
  const person = new Visitor(desk.stand.url)
  await person.open(url)
  const path = new URL(url).pathname
  for (const screen of ['', '?integration=acme', '?integration=acme&method=key', `?integration=${HOSTILE}`]) {
    const { text, status } = await person.get(encodeURI(`${path}${screen}`))
    expect(status).toBe(200)
    expect(text).not.toMatch(/<img src=x|<script>/)
    expect(text.match(/<script/g)).toHaveLength(1)
  }
})

it.each([
  ['name', 'x'.repeat(81)],
  ['name', 'North\u202ewind'],
  ['name', ' '],
  ['color', 'red'],
  ['color', '#fff}body{display:none'],
  ['color', 'url(https://evil.example.com)'],
  ['logo', 'javascript:alert(1)'],
  ['logo', 'http://cdn.example.com/logo.png'],
  ['logo', 'https://user:pass@cdn.example.com/logo.png'],
  ['logo', 'https://cdn.example.com/" onerror="x'],
  ['logo', 'data:text/html;base64,PHNjcmlwdD4='],
  ['logo', 'data:image/svg+xml,<svg onload=alert(1)>'],
  ['logo', `data:image/png;base64,${'A'.repeat(70_000)}`],
  ['privacy_url', 'javascript:alert(1)'],
  ['privacy_url', 'http://northwind.example'],
  ['privacy_url', '//northwind.example'],
])('a brand with %s %j is refused', async (name, value) => {
  const answer = await desk.stand.call('PATCH', '/environment/default', { body: { brand: { [name]: value } } })
  expect([answer.status, answer.body.code]).toEqual([422, 'invalid_body'])
})

it('the origin of a logo is all that the policy takes of it, and the server fetches nothing', async () => {
  const logo = 'https://cdn.example.com/a;script-src%20*/logo.png,x'
  await desk.stand.call('PATCH', '/environment/default', { body: { brand: { logo } } })
  const { url } = await desk.link()
  const { headers } = await new Visitor(desk.stand.url).get(new URL(url).pathname)
  expect(headers['content-security-policy']).toContain("img-src 'self' data: https://cdn.example.com;")
  await desk.stand.call('PATCH', '/environment/default', { body: { brand: { logo: null } } })
})

it('neither the page nor the package ever speaks to every origin', () => {
  const scripts = readFiles(['server/link/assets'], /\.js$/)
  expect(scripts.length).toBeGreaterThan(5)
  for (const { text } of [...scripts, ...readFiles(['server/link/sdk'], /index\.ts$/)]) {
    expect(text).not.toMatch(/postMessage\([^)]*['"`]\*['"`]/)
    expect(text).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/)
  }
})

describe.skipIf(!HAS_BROWSER)('in a browser', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterAll(() => browser?.close())

  it('nothing hostile runs, also where a provider says it', async () => {
    const { host } = new URL(desk.stand.url)
    const { context, errors } = await openContext(browser, [host])
    const page = await context.newPage()
    await page.goto((await desk.link()).url)
    await page.getByRole('link', { name: /API key/ }).click()
    await page.getByLabel(/^API key/).fill(GOOD_KEY)
    desk.provider.next = (_request, response) => {
      response
        .writeHead(401, { 'content-type': 'application/json' })
        .end(JSON.stringify({ error: { message: HOSTILE } }))
    }
    await page.getByRole('button', { name: 'Connect', exact: true }).click()
    await page.getByText(HOSTILE).last().waitFor()
    expect(await page.evaluate('window.stolen')).toBeUndefined()
    expect(await page.locator('img').count()).toBe(0)
    expect(errors).toEqual([])
    await context.close()
  })

  it('a page that pretends to be Link is not believed by the package', async () => {
    const app = await startHostApp(() => desk.stand.url)
    onTestFinished(() => app.close())
    const { context } = await openContext(browser, [new URL(desk.stand.url).host, new URL(app.origin).host])
    const page = await context.newPage()
    await page.goto(app.origin)
    const { url } = await desk.link({ origin: APP_ORIGIN })
    const outcome = await page.evaluate(async (address) => {
      const scope = globalThis as unknown as {
        Onefold: { connect(options: unknown): Promise<unknown> }
        location: { origin: string }
        postMessage(message: unknown, origin: string): void
      }
      const controller = new AbortController()
      const link = new URL(address).pathname.split('/').at(-1)
      const ended = scope.Onefold.connect({ url: address, mode: 'iframe', signal: controller.signal }).then(
        () => 'believed',
        (error: { code: string }) => error.code,
      )
      const forged = { source: 'onefold-link', version: 1, link, type: 'connected', integrated_account_id: 'ia_forged' }
      scope.postMessage(forged, scope.location.origin)
      await new Promise((resolve) => setTimeout(resolve, 100))
      controller.abort()
      return ended
    }, url)
    expect(outcome).toBe('canceled')
    await context.close()
  })
})
