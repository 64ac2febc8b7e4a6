import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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
import { CLIENT, type OAuthProvider, openOAuthProvider, withOAuth } from './oidc.ts'

describe.skipIf(!HAS_BROWSER)('signing in at a provider', () => {
  let desk: LinkDesk
  let browser: Browser
  let app: HostApp
  let provider: OAuthProvider

  beforeAll(async () => {
    provider = await openOAuthProvider()
    app = await startHostApp(() => desk.stand.url)
    desk = await openLinkDesk({
      environment: { allowed_origins: [app.origin], redirect_uris: [app.done] },
      rewrite: withOAuth(provider.origin),
    })
    provider.serve(`${desk.stand.url}/oauth/callback/acme`)
    const set = await desk.stand.call('PUT', '/environment/default/oauth-app/acme/oauth', { body: { fields: CLIENT } })
    expect(set.body).toMatchObject({ redirect_uri: `${desk.stand.url}/oauth/callback/acme`, missing: [] })
    browser = await openBrowser()
  })

  afterAll(async () => {
    await browser?.close()
    await desk?.close()
    await provider?.close()
    await app?.close()
  })

  const open = async () => {
    const hosts = [desk.stand.url, app.origin, provider.origin].map((url) => new URL(url).host)
    const opened = await openContext(browser, hosts)
    const page = await opened.context.newPage()
    await page.goto(app.origin)
    return { ...opened, page }
  }

  /** What the person does at the provider: its own pages, in whatever window they are. */
  async function signIn(page: Page, login: string): Promise<void> {
    await page.locator('input[name=login]').fill(login)
    await page.locator('input[name=password]').fill('any')
    await page.locator('button[type=submit]').click()
    await page.getByRole('button', { name: 'Continue' }).click()
  }

  const account = async (id: string) => (await desk.stand.call('GET', `/integrated-account/${id}`)).body
  const chooseSignIn = { name: 'Sign in with Acme Pay' }

  it('connects in a popup, with a grant that the API takes', async () => {
    const { context, page, errors } = await open()
    const { url } = await desk.link({ origin: app.origin })
    const [popup] = await Promise.all([nextPage(context), press(page, { url })])
    await popup.getByRole('link', chooseSignIn).click()
    await popup.getByRole('heading', { name: 'Sign in to Acme Pay' }).waitFor()
    expect(await inspect(popup, 'oauth-form-light-popup')).toEqual([])
    await popup.getByRole('button', { name: 'Continue to Acme Pay' }).click()
    await signIn(popup, 'ada')
    const { integrated_account_id: id } = (await told(page)) as { integrated_account_id: string }
    expect(await account(id)).toMatchObject({
      status: 'active',
      identity: 'acct_ada',
      authentication_method: 'oauth',
      tenant_id: 'tenant-1',
    })
    const [asked] = provider.asked.slice(-1)
    expect(asked?.get('code_challenge_method')).toBe('S256')
    expect(errors).toEqual([])
    await context.close()
  })

  it('connects from a dialog, through a window of its own', async () => {
    const { context, page, errors } = await open()
    const { url } = await desk.link({ origin: app.origin })
    await press(page, { url, mode: 'iframe' })
    const frame = page.frameLocator('iframe')
    await frame.getByRole('link', chooseSignIn).click()
    const [popup] = await Promise.all([
      nextPage(context),
      frame.getByRole('button', { name: 'Continue to Acme Pay' }).click(),
    ])
    await frame.getByRole('button', { name: 'Go on in the window of Acme Pay' }).waitFor()
    await signIn(popup, 'bob')
    expect(await told(page)).toMatchObject({ integrated_account_id: expect.stringMatching(/^ia_/) })
    expect(popup.isClosed()).toBe(true)
    expect(errors).toEqual([])
    await context.close()
  })

  it('connects by leaving the page and coming back to it', async () => {
    const { context, page, errors } = await open()
    const { url } = await desk.link({ redirect_uri: app.done })
    await press(page, { url, mode: 'redirect' })
    await page.getByRole('link', chooseSignIn).click()
    await page.getByRole('button', { name: 'Continue to Acme Pay' }).click()
    await signIn(page, 'cleo')
    await page.waitForURL(`${app.done}?*`)
    expect(await told(page)).toMatchObject({ integration: 'acme' })
    expect(errors).toEqual([])
    await context.close()
  })

  it('tells of a person who does not agree, with a way back, and tells the application when they leave', async () => {
    const { context, page } = await open()
    const { url } = await desk.link({ origin: app.origin })
    const [popup] = await Promise.all([nextPage(context), press(page, { url })])
    await popup.getByRole('link', chooseSignIn).click()
    await popup.getByRole('button', { name: 'Continue to Acme Pay' }).click()
    await popup.getByRole('link', { name: 'Cancel' }).click()
    await popup.getByRole('heading', { name: 'You did not allow access at Acme Pay' }).waitFor()
    expect(await inspect(popup, 'oauth-denied-light-popup')).toEqual([])
    await popup.getByRole('link', chooseSignIn).click()
    await popup.getByRole('button', { name: 'Continue to Acme Pay' }).click()
    await popup.getByRole('link', { name: 'Cancel' }).click()
    await popup.getByRole('button', { name: 'Cancel and close' }).click()
    expect(await told(page)).toEqual({ code: 'denied', isOurs: true })
    await context.close()
  })

  it('connects again with the same account of the provider only', async () => {
    const { context, page } = await open()
    const first = await desk.link({ origin: app.origin })
    const [popup] = await Promise.all([nextPage(context), press(page, { url: first.url })])
    await popup.getByRole('link', chooseSignIn).click()
    await popup.getByRole('button', { name: 'Continue to Acme Pay' }).click()
    await signIn(popup, 'dora')
    const { integrated_account_id: id } = (await told(page)) as { integrated_account_id: string }
    const { stores, clock } = desk.stand.server.services
    await stores.accounts.update('default', id, { status: 'needs_reauth' }, { now: clock.now() })
    const again = await desk.link({ integrated_account_id: id, origin: app.origin })
    for (const [login, status] of [
      ['eve', 'needs_reauth'],
      ['dora', 'active'],
    ] as const) {
      const other = await open()
      const [second] = await Promise.all([nextPage(other.context), press(other.page, { url: again.url })])
      await second.getByRole('link', chooseSignIn).click()
      await second.getByRole('button', { name: 'Continue to Acme Pay' }).click()
      await signIn(second, login)
      if (login === 'eve') {
        await second.getByRole('heading', { name: 'This is another Acme Pay account' }).waitFor()
        expect(await inspect(second, 'oauth-another-account-light-popup')).toEqual([])
      } else {
        expect(await told(other.page)).toEqual({ integrated_account_id: id, integration: 'acme' })
      }
      expect(await account(id)).toMatchObject({ status, identity: 'acct_dora' })
      await other.context.close()
    }
    await context.close()
  })
})
