import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { GOOD_KEY } from '../http/upstream.ts'
import {
  HAS_BROWSER,
  type HostApp,
  inspect,
  nextPage,
  openBrowser,
  openContext,
  press,
  startHostApp,
  told,
} from './browser.ts'
import { type LinkDesk, openLinkDesk } from './desk.ts'

describe.skipIf(!HAS_BROWSER)('an application of another site', () => {
  let desk: LinkDesk
  let browser: Browser
  let app: HostApp

  beforeAll(async () => {
    app = await startHostApp(() => desk.stand.url)
    desk = await openLinkDesk({ environment: { allowed_origins: [app.origin], redirect_uris: [app.done] } })
    browser = await openBrowser()
  })

  afterAll(async () => {
    await browser?.close()
    await desk?.close()
    await app?.close()
  })

  const open = async () => {
    const hosts = [new URL(desk.stand.url).host, new URL(app.origin).host]
    const opened = await openContext(browser, hosts)
    const page = await opened.context.newPage()
    await page.goto(app.origin)
    return { ...opened, page }
  }
  const account = async (id: string) => (await desk.stand.call('GET', `/integrated-account/${id}`)).body

  it('opens Link as a popup and is told of the account', async () => {
    const { context, page, errors, outside } = await open()
    const { url } = await desk.link({ origin: app.origin, context: { plan: 'pro' } })
    const [popup] = await Promise.all([nextPage(context), press(page, { url })])
    await popup.getByRole('link', { name: 'API key' }).click()
    expect(popup.url()).not.toContain('#')
    await popup.getByLabel('API key', { exact: true }).fill(GOOD_KEY)
    await popup.getByRole('button', { name: 'Connect' }).click()
    const result = (await told(page)) as { integrated_account_id: string }
    expect(result).toEqual({ integrated_account_id: expect.stringMatching(/^ia_/), integration: 'acme' })
    expect(popup.isClosed()).toBe(true)
    expect(await account(result.integrated_account_id)).toMatchObject({
      status: 'active',
      tenant_id: 'tenant-1',
      identity: 'acct_1',
      context: { plan: 'pro' },
    })
    expect({ errors, outside }).toEqual({ errors: [], outside: [] })
    await context.close()
  })

  it('opens Link in a dialog of its own, by the token alone, though cookies of other sites are kept apart', async () => {
    const { context, page, errors } = await open()
    const { link_token: linkToken } = await desk.link({ origin: app.origin })
    await press(page, { linkToken, mode: 'iframe' })
    const frame = page.frameLocator('iframe')
    await frame.getByRole('link', { name: 'API key' }).click()
    await frame.getByLabel('API key', { exact: true }).fill(GOOD_KEY)
    const inner = page.frames().find((one) => one.url().includes('/link/'))
    expect(await inspect(page, 'iframe-light-wide', inner)).toEqual([])
    await page.keyboard.press('Enter')
    expect(await told(page)).toMatchObject({ integrated_account_id: expect.stringMatching(/^ia_/) })
    expect(await page.locator('dialog').count()).toBe(0)
    expect(errors).toEqual([])
    await context.close()
  })

  it('sends the browser to Link and finds the account in the address it comes back to', async () => {
    const { context, page, errors } = await open()
    const { url } = await desk.link({ redirect_uri: app.done })
    await press(page, { url, mode: 'redirect' })
    await page.getByRole('link', { name: 'API key' }).click()
    await page.getByLabel('API key', { exact: true }).fill(GOOD_KEY)
    await page.getByRole('button', { name: 'Connect' }).click()
    await page.getByRole('heading', { name: 'Acme Pay is connected' }).waitFor()
    await page.waitForURL(`${app.done}?*`)
    expect(await told(page)).toMatchObject({
      integrated_account_id: expect.stringMatching(/^ia_/),
      integration: 'acme',
    })
    expect(errors).toEqual([])
    await context.close()
  })

  it('is told when the person closes the popup, the dialog or the page', async () => {
    const { context, page } = await open()
    const popupLink = await desk.link({ origin: app.origin })
    const [popup] = await Promise.all([nextPage(context), press(page, { url: popupLink.url })])
    await popup.getByRole('button', { name: 'Cancel and close' }).click()
    expect(await told(page)).toEqual({ code: 'closed', isOurs: true })
    const [again] = await Promise.all([nextPage(context), press(page, { url: popupLink.url })])
    await again.close()
    expect(await told(page)).toEqual({ code: 'closed', isOurs: true })
    await page.reload()
    await press(page, { url: (await desk.link({ origin: app.origin })).url, mode: 'iframe' })
    await page.frameLocator('iframe').getByRole('button', { name: 'Cancel and close' }).click()
    expect(await told(page)).toEqual({ code: 'closed', isOurs: true })
    await page.goto(app.origin)
    await press(page, { url: (await desk.link({ redirect_uri: app.done })).url, mode: 'redirect' })
    await page.getByRole('button', { name: 'Cancel and close' }).click()
    await page.waitForURL(`${app.done}?*`)
    expect(await told(page)).toEqual({ code: 'closed' })
    await context.close()
  })

  it('is told that a link has been used, and that it is not valid', async () => {
    const { context, page } = await open()
    const { url, link_token } = await desk.link({ origin: app.origin })
    const [popup] = await Promise.all([nextPage(context), press(page, { url })])
    await popup.getByRole('link', { name: 'API key' }).click()
    await popup.getByLabel('API key', { exact: true }).fill(GOOD_KEY)
    await popup.getByRole('button', { name: 'Connect' }).click()
    await told(page)
    const other = await open()
    await press(other.page, { url })
    expect(await told(other.page)).toEqual({ code: 'used', isOurs: true })
    await other.page.reload()
    await press(other.page, { url: url.replace(/.{4}$/, 'AAAA') })
    expect(await told(other.page)).toEqual({ code: 'invalid', isOurs: true })
    await other.page.reload()
    await press(other.page, { linkToken: `${link_token}!` })
    expect(await told(other.page)).toEqual({ code: 'invalid', isOurs: true })
    await Promise.all([context.close(), other.context.close()])
  })

  it('is told that a link has expired', async () => {
    const { context, page } = await open()
    const { url } = await desk.link({ origin: app.origin, expires_in: 60 })
    await desk.stand.clock.advance(60_000)
    await press(page, { url })
    expect(await told(page)).toEqual({ code: 'expired', isOurs: true })
    await context.close()
  })

  it('of an origin that the link does not name can neither frame Link nor hear of it', async () => {
    const { context, page } = await open()
    const { url } = await desk.link()
    const refused = page.waitForEvent('console', (message) => message.text().includes('frame-ancestors'))
    await page.evaluate((address) => {
      const document = (globalThis as unknown as { document: { createElement(name: string): never; body: never } })
        .document
      const frame = document.createElement('iframe') as { src: string }
      frame.src = address
      ;(document.body as { append(node: unknown): void }).append(frame)
    }, url)
    await refused
    await context.close()
  })

  it('reconnects a broken account under its id, and only with the same account of the provider', async () => {
    const { context, page } = await open()
    const first = await desk.link({ origin: app.origin })
    const [popup] = await Promise.all([nextPage(context), press(page, { url: first.url })])
    await popup.getByRole('link', { name: 'API key' }).click()
    await popup.getByLabel('API key', { exact: true }).fill(GOOD_KEY)
    await popup.getByRole('button', { name: 'Connect' }).click()
    const { integrated_account_id: id } = (await told(page)) as { integrated_account_id: string }
    const { stores, clock } = desk.stand.server.services
    await stores.accounts.update('default', id, { status: 'needs_reauth', credentials: null }, { now: clock.now() })
    await page.reload()
    const { url } = await desk.link({ integrated_account_id: id, origin: app.origin })
    const [second] = await Promise.all([nextPage(context), press(page, { url })])
    await second.getByRole('heading', { name: 'Connect Acme Pay again' }).waitFor()
    await second.getByRole('link', { name: 'API key' }).click()
    desk.provider.next = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":"acct_other"}')
    }
    await second.getByLabel('API key', { exact: true }).fill(GOOD_KEY)
    await second.getByRole('button', { name: 'Connect' }).click()
    await second.getByRole('heading', { name: 'This is another Acme Pay account' }).waitFor()
    expect(await inspect(second, 'another-account-light-popup')).toEqual([])
    expect((await account(id)).status).not.toBe('active')
    await second.getByLabel('API key', { exact: true }).fill(GOOD_KEY)
    await second.getByRole('button', { name: 'Connect' }).click()
    expect(await told(page)).toEqual({ integrated_account_id: id, integration: 'acme' })
    expect(await account(id)).toMatchObject({ status: 'active', identity: 'acct_1' })
    await context.close()
  })
})
