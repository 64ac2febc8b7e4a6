import type { Browser, BrowserContext, Page } from 'playwright-core'
import { type HostApp, type Look, openBrowser, openContext, startHostApp } from './browser.ts'
import { type LinkDesk, openLinkDesk } from './desk.ts'
import { CLIENT, type OAuthProvider, openOAuthProvider, withOAuth } from './oidc.ts'

/** The application of a customer, with a page open in a browser of its own. */
export interface Visit {
  readonly context: BrowserContext
  readonly page: Page
  readonly errors: readonly string[]
  readonly outside: readonly string[]
}

/** A desk, the application of its customer, and a browser. */
export interface Setting {
  readonly desk: LinkDesk
  readonly app: HostApp
  visit(look?: Look): Promise<Visit>
  account(id: string): Promise<Record<string, unknown>>
  close(): Promise<void>
}

/** Opens a setting; `more` is said of the desk. */
export async function openSetting(
  more: { rewrite?: (text: string) => string; brand?: object } = {},
  hosts: readonly string[] = [],
): Promise<Setting> {
  const app = await startHostApp(() => desk.stand.url)
  const { rewrite, brand } = more
  const desk: LinkDesk = await openLinkDesk({
    environment: {
      ...{ allowed_origins: [app.origin], redirect_uris: [app.done] },
      ...(brand === undefined ? {} : { brand }),
    },
    ...(rewrite === undefined ? {} : { rewrite }),
  })
  const browser: Browser = await openBrowser()
  const known = [desk.stand.url, app.origin, ...hosts].map((url) => new URL(url).host)
  return {
    desk,
    app,
    visit: async (look) => {
      const opened = await openContext(browser, known, look)
      const page = await opened.context.newPage()
      await page.goto(app.origin)
      return { ...opened, page }
    },
    account: async (id) => (await desk.stand.call('GET', `/integrated-account/${id}`)).body,
    close: async () => {
      await browser.close()
      await desk.close()
      await app.close()
    },
  }
}

/** A setting whose acme is also connected by signing in at a real OAuth server. */
export async function openOAuthSetting(brand?: object): Promise<Setting & { readonly provider: OAuthProvider }> {
  const provider = await openOAuthProvider()
  const own = { rewrite: withOAuth(provider.origin), ...(brand === undefined ? {} : { brand }) }
  const setting = await openSetting(own, [provider.origin])
  const { stand } = setting.desk
  provider.serve(`${stand.url}/oauth/callback/acme`)
  const set = await stand.call('PUT', '/environment/default/oauth-app/acme/oauth', { body: { fields: CLIENT } })
  if (set.body.redirect_uri !== `${stand.url}/oauth/callback/acme`) throw new Error(JSON.stringify(set.body))
  return {
    ...setting,
    provider,
    close: async () => {
      await setting.close()
      await provider.close()
    },
  }
}

/** What the person does at the provider: its own pages, in whatever window they are. */
export async function signIn(page: Page, login: string): Promise<void> {
  await page.locator('input[name=login]').fill(login)
  await page.locator('input[name=password]').fill('any')
  await page.locator('button[type=submit]').click()
  await page.getByRole('button', { name: 'Continue' }).click()
}
