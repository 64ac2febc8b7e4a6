import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DEFINITIONS, openStand, type Stand } from '../http/stand.ts'
import { startUpstream, type Upstream } from '../http/upstream.ts'

/** Where the application of the tests' customer is, as far as environments know. */
export const APP_ORIGIN = 'https://app.example.com'
export const APP_DONE = 'https://app.example.com/done'

/** A server whose provider `acme` is a real upstream at its own host, as a person connects it. */
export interface LinkDesk {
  readonly stand: Stand
  readonly provider: Upstream
  /** Makes a link; what is not given is tenant `tenant-1` and acme only. */
  link(given?: Record<string, unknown>): Promise<{ link_token: string; url: string; expires_at: string }>
  close(): Promise<void>
}

/** Other providers, to have a choice. */
const OTHERS = ['Basalt Payments', 'Cobalt', 'Dune Billing', 'Ember', 'Fjord Pay', 'Granite Cards']

/** Opens a desk; `settings` are those of the server, `environment` is what its environment is changed to. */
export async function openLinkDesk(
  given: { settings?: Record<string, string>; environment?: Record<string, unknown> } = {},
): Promise<LinkDesk> {
  const provider = await startUpstream()
  const folder = mkdtempSync(join(tmpdir(), 'onefold-link-'))
  writeDefinitions(folder, provider.origin)
  const stand = await openStand({ ONEFOLD_DEFINITIONS: folder, ...given.settings })
  const environment = {
    name: 'Northwind',
    allowed_origins: [APP_ORIGIN],
    redirect_uris: [APP_DONE],
    ...given.environment,
  }
  const changed = await stand.call('PATCH', '/environment/default', { body: environment })
  if (changed.status !== 200) throw new Error(JSON.stringify(changed.body))
  return {
    stand,
    provider,
    link: async (body = {}) => {
      const whole = 'integrated_account_id' in body ? body : { tenant_id: 'tenant-1', integrations: ['acme'], ...body }
      const made = await stand.call('POST', '/link-token', { body: whole })
      if (made.status !== 201) throw new Error(JSON.stringify(made.body))
      return made.body
    },
    close: async () => {
      await stand.close()
      await provider.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The tests' provider at another host, and some that look like it. */
function writeDefinitions(folder: string, origin: string): void {
  const from = join(DEFINITIONS, 'integrations/acme')
  const to = join(folder, 'integrations/acme')
  cpSync(from, to, { recursive: true })
  for (const path of readdirSync(to, { recursive: true, encoding: 'utf8' })) {
    const file = join(to, path)
    if (!statSync(file).isFile()) continue
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('https://api.acme.test', origin))
  }
  for (const label of OTHERS) {
    const name = label.toLowerCase().replaceAll(' ', '_')
    const other = join(folder, 'integrations', name)
    mkdirSync(join(other, 'resources'), { recursive: true })
    const text = readFileSync(join(to, 'integration.yaml'), 'utf8')
    const renamed = text
      .replace('name: acme', `name: ${name}`)
      .replace('label: Acme Pay', `label: ${label}`)
      .replace(/description: A made-up.*/, 'description: Takes payments online and pays them out to your bank.')
    writeFileSync(join(other, 'integration.yaml'), renamed)
    cpSync(join(to, 'resources'), join(other, 'resources'), { recursive: true })
  }
}
