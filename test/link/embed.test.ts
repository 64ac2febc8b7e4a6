import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { GOOD_KEY } from '../http/upstream.ts'
import { HAS_BROWSER, inspect, nextPage, press, told } from './browser.ts'
import { openSetting, type Setting } from './setting.ts'

describe.skipIf(!HAS_BROWSER)('an application of another site', () => {
  let setting: Setting
  beforeAll(async () => {
    setting = await openSetting()
  })
  afterAll(() => setting?.close())

  it('opens Link as a popup and is told of the account', async () => {
    const { context, page, errors, outside } = await setting.visit()
    const { url } = await setting.desk.link({ origin: setting.app.origin, context: { plan: 'pro' } })
    const [popup] = await Promise.all([nextPage(context), press(page, { url })])
    await popup.getByRole('link', { name: 'API key' }).click()
    expect(popup.url()).not.toContain('#')
    await popup.getByLabel('API key', { exact: true }).fill(GOOD_KEY)
    await popup.getByRole('button', { name: 'Connect' }).click()
    const result = (await told(page)) as { integrated_account_id: string }
    expect(result).toEqual({ integrated_account_id: expect.stringMatching(/^ia_/), integration: 'acme' })
    expect(popup.isClosed()).toBe(true)
    expect(await setting.account(result.integrated_account_id)).toMatchObject({
      status: 'active',
      tenant_id: 'tenant-1',
      identity: 'acct_1',
      context: { plan: 'pro' },
    })
    expect({ errors, outside }).toEqual({ errors: [], outside: [] })
    await context.close()
  })

  it('opens Link in a dialog of its own, by the token alone, though cookies of other sites are kept apart', async () => {
    const { context, page, errors } = await setting.visit()
    const { link_token: linkToken } = await setting.desk.link({ origin: setting.app.origin })
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
    const { context, page, errors } = await setting.visit()
    const { url } = await setting.desk.link({ redirect_uri: setting.app.done })
    await press(page, { url, mode: 'redirect' })
    await page.getByRole('link', { name: 'API key' }).click()
    await page.getByLabel('API key', { exact: true }).fill(GOOD_KEY)
    await page.getByRole('button', { name: 'Connect' }).click()
    await page.getByRole('heading', { name: 'Acme Pay is connected' }).waitFor()
    await page.waitForURL(`${setting.app.done}?*`)
    expect(await told(page)).toMatchObject({
      integrated_account_id: expect.stringMatching(/^ia_/),
      integration: 'acme',
    })
    expect(errors).toEqual([])
    await context.close()
  })

  it('is told when the person closes the popup, the dialog or the page', async () => {
    const { context, page } = await setting.visit()
    const popupLink = await setting.desk.link({ origin: setting.app.origin })
    const [popup] = await Promise.all([nextPage(context), press(page, { url: popupLink.url })])
    await popup.getByRole('button', { name: 'Cancel and close' }).click()
    expect(await told(page)).toEqual({ code: 'closed', isOurs: true })
    const [again] = await Promise.all([nextPage(context), press(page, { url: popupLink.url })])
    await again.close()
    expect(await told(page)).toEqual({ code: 'closed', isOurs: true })
    await page.reload()
    await press(page, { url: (await setting.desk.link({ origin: setting.app.origin })).url, mode: 'iframe' })
    await page.frameLocator('iframe').getByRole('button', { name: 'Cancel and close' }).click()
    expect(await told(page)).toEqual({ code: 'closed', isOurs: true })
    await page.goto(setting.app.origin)
    await press(page, { url: (await setting.desk.link({ redirect_uri: setting.app.done })).url, mode: 'redirect' })
    await page.getByRole('button', { name: 'Cancel and close' }).click()
    await page.waitForURL(`${setting.app.done}?*`)
    expect(await told(page)).toEqual({ code: 'closed' })
    await context.close()
  })

  it('is told that a link has been used, and that it is not valid', async () => {
    const { context, page } = await setting.visit()
    const { url, link_token } = await setting.desk.link({ origin: setting.app.origin })
    const [popup] = await Promise.all([nextPage(context), press(page, { url })])
    await popup.getByRole('link', { name: 'API key' }).click()
    await popup.getByLabel('API key', { exact: true }).fill(GOOD_KEY)
    await popup.getByRole('button', { name: 'Connect' }).click()
    await told(page)
    const other = await setting.visit()
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
    const { context, page } = await setting.visit()
    const { url } = await setting.desk.link({ origin: setting.app.origin, expires_in: 60 })
    await setting.desk.stand.clock.advance(60_000)
    await press(page, { url })
    expect(await told(page)).toEqual({ code: 'expired', isOurs: true })
    await context.close()
  })

  it('of an origin that the link does not name can neither frame Link nor hear of it', async () => {
    const { context, page } = await setting.visit()
    const { url } = await setting.desk.link()
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
    const { context, page } = await setting.visit()
    const first = await setting.desk.link({ origin: setting.app.origin })
    const [popup] = await Promise.all([nextPage(context), press(page, { url: first.url })])
    await popup.getByRole('link', { name: 'API key' }).click()
    await popup.getByLabel('API key', { exact: true }).fill(GOOD_KEY)
    await popup.getByRole('button', { name: 'Connect' }).click()
    const { integrated_account_id: id } = (await told(page)) as { integrated_account_id: string }
    const { stores, clock } = setting.desk.stand.server.services
    await stores.accounts.update('default', id, { status: 'needs_reauth', credentials: null }, { now: clock.now() })
    await page.reload()
    const { url } = await setting.desk.link({ integrated_account_id: id, origin: setting.app.origin })
    const [second] = await Promise.all([nextPage(context), press(page, { url })])
    await second.getByRole('heading', { name: 'Connect Acme Pay again' }).waitFor()
    await second.getByRole('link', { name: 'API key' }).click()
    setting.desk.provider.next = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":"acct_other"}')
    }
    await second.getByLabel('API key', { exact: true }).fill(GOOD_KEY)
    await second.getByRole('button', { name: 'Connect' }).click()
    await second.getByRole('heading', { name: 'This is another Acme Pay account' }).waitFor()
    expect(await inspect(second, 'another-account-light-popup')).toEqual([])
    expect((await setting.account(id)).status).not.toBe('active')
    await second.getByLabel('API key', { exact: true }).fill(GOOD_KEY)
    await second.getByRole('button', { name: 'Connect' }).click()
    expect(await told(page)).toEqual({ integrated_account_id: id, integration: 'acme' })
    expect(await setting.account(id)).toMatchObject({ status: 'active', identity: 'acct_1' })
    await context.close()
  })
})
