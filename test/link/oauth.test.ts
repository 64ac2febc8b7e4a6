import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HAS_BROWSER, inspect, nextPage, press, told } from './browser.ts'
import { openOAuthSetting, signIn } from './setting.ts'

describe.skipIf(!HAS_BROWSER)('signing in at a provider', () => {
  let setting: Awaited<ReturnType<typeof openOAuthSetting>>
  beforeAll(async () => {
    setting = await openOAuthSetting()
  })
  afterAll(() => setting?.close())
  const chooseSignIn = { name: 'Sign in with Acme Pay' }

  it('connects in a popup, with a grant that the API takes', async () => {
    const { context, page, errors } = await setting.visit()
    const { url } = await setting.desk.link({ origin: setting.app.origin })
    const [popup] = await Promise.all([nextPage(context), press(page, { url })])
    await popup.getByRole('link', chooseSignIn).click()
    await popup.getByRole('heading', { name: 'Sign in to Acme Pay' }).waitFor()
    expect(await inspect(popup, 'oauth-form-light-popup')).toEqual([])
    await popup.getByRole('button', { name: 'Continue to Acme Pay' }).click()
    await signIn(popup, 'ada')
    const { integrated_account_id: id } = (await told(page)) as { integrated_account_id: string }
    expect(await setting.account(id)).toMatchObject({
      status: 'active',
      identity: 'acct_ada',
      authentication_method: 'oauth',
      tenant_id: 'tenant-1',
    })
    const [asked] = setting.provider.asked.slice(-1)
    expect(asked?.get('code_challenge_method')).toBe('S256')
    expect(errors).toEqual([])
    await context.close()
  })

  it('connects from a dialog, through a window of its own', async () => {
    const { context, page, errors } = await setting.visit()
    const { url } = await setting.desk.link({ origin: setting.app.origin })
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
    const { context, page, errors } = await setting.visit()
    const { url } = await setting.desk.link({ redirect_uri: setting.app.done })
    await press(page, { url, mode: 'redirect' })
    await page.getByRole('link', chooseSignIn).click()
    await page.getByRole('button', { name: 'Continue to Acme Pay' }).click()
    await signIn(page, 'cleo')
    await page.waitForURL(`${setting.app.done}?*`)
    expect(await told(page)).toMatchObject({ integration: 'acme' })
    expect(errors).toEqual([])
    await context.close()
  })

  it('tells of a person who does not agree, with a way back, and tells the application when they leave', async () => {
    const { context, page } = await setting.visit()
    const { url } = await setting.desk.link({ origin: setting.app.origin })
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
    const { context, page } = await setting.visit()
    const first = await setting.desk.link({ origin: setting.app.origin })
    const [popup] = await Promise.all([nextPage(context), press(page, { url: first.url })])
    await popup.getByRole('link', chooseSignIn).click()
    await popup.getByRole('button', { name: 'Continue to Acme Pay' }).click()
    await signIn(popup, 'dora')
    const { integrated_account_id: id } = (await told(page)) as { integrated_account_id: string }
    const { stores, clock } = setting.desk.stand.server.services
    await stores.accounts.update('default', id, { status: 'needs_reauth' }, { now: clock.now() })
    const again = await setting.desk.link({ integrated_account_id: id, origin: setting.app.origin })
    for (const [login, status] of [
      ['eve', 'needs_reauth'],
      ['dora', 'active'],
    ] as const) {
      const other = await setting.visit()
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
      expect(await setting.account(id)).toMatchObject({ status, identity: 'acct_dora' })
      await other.context.close()
    }
    await context.close()
  })
})
