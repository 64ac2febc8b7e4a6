import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HAS_BROWSER, inspect, LOOKS, nextPage } from './browser.ts'
import { openOAuthSetting, signIn } from './setting.ts'

const BRAND = { name: 'Northwind', color: '#0b6e4f', privacy_url: 'https://northwind.example/privacy' }
const CHOICE = { name: 'Sign in with Acme Pay' }
const GO = { name: 'Continue to Acme Pay' }

describe.skipIf(!HAS_BROWSER)('every screen on the way to a provider and back', () => {
  let setting: Awaited<ReturnType<typeof openOAuthSetting>>
  beforeAll(async () => {
    setting = await openOAuthSetting(BRAND)
  })
  afterAll(() => setting?.close())

  describe.each(LOOKS)('$scheme, $width', (look) => {
    const seen = (page: Page, screen: string) => inspect(page, `${screen}-${look.scheme}-${look.width}`)

    it('has nothing that axe-core finds serious, in the page of a link', async () => {
      const { context, page, errors } = await setting.visit(look)
      const found: string[] = []
      await page.goto((await setting.desk.link()).url)
      await page.getByRole('link', CHOICE).waitFor()
      found.push(...(await seen(page, 'oauth-choice')))
      await page.getByRole('link', CHOICE).click()
      await page.getByRole('button', GO).waitFor()
      found.push(...(await seen(page, 'oauth-form')))
      await page.getByRole('button', GO).click()
      await page.getByRole('link', { name: 'Cancel' }).click()
      await page.getByRole('heading', { name: 'You did not allow access at Acme Pay' }).waitFor()
      found.push(...(await seen(page, 'oauth-denied')))
      await page.getByRole('link', CHOICE).click()
      await page.getByRole('button', GO).click()
      await signIn(page, 'ada')
      await page.getByRole('heading', { name: 'Acme Pay is connected' }).waitFor()
      found.push(...(await seen(page, 'oauth-done')))
      const id = await page.locator('body').getAttribute('data-account')
      const again = await setting.desk.link({ integrated_account_id: id })
      const fresh = (await setting.visit(look)).page
      await fresh.goto(again.url)
      await fresh.getByRole('link', CHOICE).click()
      await fresh.getByRole('button', GO).click()
      await signIn(fresh, 'eve')
      await fresh.getByRole('heading', { name: 'This is another Acme Pay account' }).waitFor()
      found.push(...(await seen(fresh, 'oauth-another-account')))
      await fresh.goto(`${setting.desk.stand.url}/oauth/callback/acme?state=forged&code=x`)
      await fresh.getByRole('heading', { name: 'This sign-in is over' }).waitFor()
      found.push(...(await seen(fresh, 'oauth-over')))
      expect({ found, errors }).toEqual({ found: [], errors: [] })
      await fresh.context().close()
      await context.close()
    })

    it('nor in the windows that leave from a frame', async () => {
      const { context, errors } = await setting.visit(look)
      const found: string[] = []
      const start = `${setting.desk.stand.url}/oauth/start`
      const alone = await context.newPage()
      await alone.goto(start)
      await alone.getByRole('heading', { name: 'There is nothing to do here' }).waitFor()
      found.push(...(await seen(alone, 'oauth-window-alone')))
      // A page of ours that opens the window, and gives it no ticket at first.
      await alone.goto(`${setting.desk.stand.url}/link/lnk_${'0'.repeat(32)}`)
      const [window] = await Promise.all([
        nextPage(context),
        alone.evaluate("void Object.assign(globalThis, { other: open('/oauth/start') })"),
      ])
      await window.setViewportSize(alone.viewportSize() as { width: number; height: number })
      await window.getByRole('heading', { name: 'Going to the provider' }).waitFor()
      found.push(...(await seen(window, 'oauth-window')))
      const ticket = "{ source: 'onefold-ticket', ticket: 'forged' }"
      await alone.evaluate(`other.postMessage(${ticket}, location.origin)`)
      await window.locator('#not-open h1').waitFor()
      found.push(...(await seen(window, 'oauth-window-refused')))
      expect({ found, errors }).toEqual({ found: [], errors: [] })
      await context.close()
    })
  })
})
