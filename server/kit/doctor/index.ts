import { EngineError } from '../../../engine/index.ts'
import { SYSTEM_CLOCK } from '../../clock.ts'
import { readSettings, type Settings } from '../../config.ts'
import { type Finding, failed, type Look } from './contract.ts'
import { lookAtData, lookAtDatabase, lookAtDefinitions, lookAtFiles, lookAtNode } from './local.ts'
import { lookAtEgress, lookAtMail, lookAtPorts, lookAtPublicUrl, lookAtSettings } from './network.ts'

export type { Finding } from './contract.ts'

const LOOKS: readonly Look[] = [
  lookAtNode,
  lookAtSettings,
  lookAtData,
  lookAtFiles,
  lookAtDatabase,
  lookAtPorts,
  lookAtDefinitions,
  lookAtPublicUrl,
  lookAtMail,
  lookAtEgress,
]

type Environment = Readonly<Record<string, string | undefined>>

/** Looks at everything that an installation stands on, and changes nothing. With bad settings it tells these, and Node. */
export async function examine(env: Environment, isOnline: boolean): Promise<readonly Finding[]> {
  const read = settingsOf(env)
  if ('finding' in read) return [...lookAtNode(), read.finding]
  const patient = { settings: read.settings, isOnline, now: () => SYSTEM_CLOCK.now() }
  const findings: Finding[] = []
  for (const look of LOOKS) findings.push(...(await look(patient)))
  return findings
}

function settingsOf(env: Environment): { readonly settings: Settings } | { readonly finding: Finding } {
  try {
    return { settings: readSettings(env) }
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    return { finding: failed('settings', error) }
  }
}
