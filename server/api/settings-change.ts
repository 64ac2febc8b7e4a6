import { EngineError, type Integration } from '../../engine/index.ts'
import type { IntegratedAccount, JsonObject } from '../stores/index.ts'
import { integrationNamed } from './connect.ts'
import type { Services } from './context.ts'

/**
 * Whether other settings must be proven with the stored credentials: a setting can name another account of the provider. Not
 * when none changes, when no credentials are stored, or when another base URL discards them. Throws invalid_body for a setting
 * that decides where credentials go: they are to be given with it.
 */
export function mustProve(
  services: Pick<Services, 'engine'>,
  account: IntegratedAccount,
  settings: JsonObject | undefined,
): boolean {
  const changed = Object.keys(settings ?? {}).filter((name) => settings?.[name] !== account.settings[name])
  if (changed.length === 0 || changed.includes('base_url') || !account.hasCredentials) return false
  const inHosts = namesInHosts(integrationNamed(services, account.integration))
  const moved = changed.find((name) => inHosts.has(name))
  if (moved === undefined) return true
  throw new EngineError('invalid_body', `The setting ${moved} decides where credentials go: give them with it`, {
    where: '/credentials',
  })
}

/** Names of the settings that any host of the integration is built from. */
function namesInHosts({ hosts }: Integration): ReadonlySet<string> {
  const templates = [...hosts.values()].flatMap(({ url, modes }) => [url, ...modes.values()])
  const parts = templates.flatMap(({ parts: all }) => all.filter((part) => typeof part !== 'string'))
  const paths = parts.flatMap(({ variablePaths }) => variablePaths)
  return new Set(paths.map((path) => path.replace(/^connection\./, '')))
}
