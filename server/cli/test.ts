import { readFileSync, writeFileSync } from 'node:fs'
import { Command } from 'commander'
import { EngineError } from '../../engine/index.ts'
import { replaceExpectation } from '../kit/case-file.ts'
import { type Kit, openKit } from '../kit/definitions.ts'
import { caseDiff, casesOf, type PlayedCase, playCases } from '../kit/play.ts'
import { stampOf, toPlay, watchFolders } from '../kit/watch.ts'
import { builtInFolder } from '../load-definitions.ts'
import { foldersOf } from './account-options.ts'

interface Options {
  readonly filter?: string
  readonly watch?: boolean
  readonly update?: boolean
  readonly json?: boolean
  readonly definitions: readonly string[]
}

const EXAMPLES = `
Examples:
  onefold test                                   the cases of all integrations
  onefold test acme --filter refunds --watch     those of refunds, again on every save
  onefold test acme --update                     show what changed, and expect that from now on
`

/** `onefold test`: plays cases. Exit code 0 when all come out as written, 1 when some do not or there are none. */
export function testCommand(): Command {
  return new Command('test')
    .description('play the cases of integrations and show what comes out otherwise')
    .argument('[integration]', 'name of the integration; default all')
    .option('--filter <text>', 'only cases with this in their name, resource or file')
    .option('--watch', 'play what changed on every save, until interrupted')
    .option('--update', 'show what came out, and write it down as what is expected')
    .option('--json', 'print the outcome as JSON')
    .option('--definitions <folder...>', 'further folders with integrations/ in them', [])
    .addHelpText('after', EXAMPLES)
    .action(async (name: string | undefined, options: Options) => {
      const folders = [builtInFolder(), ...foldersOf(options)]
      const seen = stampOf(folders)
      let kit = openKit({ folders: foldersOf(options), only: name })
      const isGood = await playAll(kit, options, undefined)
      if (options.watch !== true) {
        process.exitCode = isGood ? 0 : 1
        return
      }
      const stop = new AbortController()
      for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop.abort())
      console.error('Watching; interrupt to end.')
      const again = async (): Promise<void> => {
        const now = opened(name, options)
        if (now === undefined) return
        const files = toPlay(kit.files, now.files)
        kit = now
        await playAll(kit, options, files)
      }
      await watchFolders(folders, seen, again, stop.signal)
    })
}

/** The definitions as they are now; what keeps them from compiling is shown, and the watch goes on. */
function opened(only: string | undefined, options: Options): Kit | undefined {
  try {
    return openKit({ folders: foldersOf(options), only })
  } catch (thrown) {
    if (!(thrown instanceof EngineError)) throw thrown
    console.error(thrown.message)
    return undefined
  }
}

async function playAll(kit: Kit, options: Options, files: ReadonlySet<string> | undefined): Promise<boolean> {
  const cases = casesOf(kit, { filter: options.filter, files })
  if (cases.length === 0 && files === undefined) console.error(noCases(options))
  const isShown = options.json !== true
  const played = await playCases(kit.catalog, cases, (each) => {
    if (isShown && each.problems.length > 0) console.log(failureText(each))
  })
  const failed = played.filter(({ problems }) => problems.length > 0)
  const updated = options.update === true ? failed.filter((each) => update(kit, each)) : []
  const toReview = kit.files.reduce((sum, { text }) => sum + (text.match(/^\s*# To be reviewed: /gm)?.length ?? 0), 0)
  const counts = {
    passed: played.length - failed.length,
    failed: failed.length - updated.length,
    updated: updated.length,
    to_review: toReview,
  }
  if (isShown) console.log(countsText(counts))
  else console.log(JSON.stringify({ ...counts, cases: played.map(caseOut) }, null, 2))
  return counts.failed === 0 && played.length > 0
}

/** Why nothing is played: a filter that fits nothing, or nothing to play. */
const noCases = ({ filter }: Options): string =>
  filter === undefined
    ? 'There are no cases. Write them in cases/*.yaml of the integration, or make one of a call: `onefold record --help`.'
    : `No case has '${filter}' in its name, resource or file.`

function failureText(played: PlayedCase): string {
  const { found, problems, fits } = played
  const diff = fits ? caseDiff(played) : ''
  const lines = [`✗ ${found.value.name}  ${found.file}:${found.line}`, ...problems.map((problem) => `  ${problem}`)]
  return `${[...lines, ...(diff === '' ? [] : diff.split('\n').map((line) => `  ${line}`))].join('\n')}\n`
}

function countsText({ passed, failed, updated, to_review }: Readonly<Record<string, number>>): string {
  const more = [updated === 0 ? '' : `, ${updated} updated`, to_review === 0 ? '' : `, ${to_review} to be reviewed`]
  return `${passed} passed, ${failed} failed${more.join('')}`
}

const caseOut = ({ found, actual, problems }: PlayedCase): object => {
  const { integration, kind, file, line, value } = found
  const isGood = problems.length === 0
  const facts = { integration, name: value.name, kind, file, line, passed: isGood }
  return isGood ? facts : { ...facts, problems, expected: value.expect, actual: actual ?? null }
}

/** Writes down what came out; a case whose requests went wrong is left to a person. */
function update({ places }: Kit, { found, actual, fits }: PlayedCase): boolean {
  const place = places.get(found.file)
  if (!fits || actual === undefined || place === undefined) return false
  writeFileSync(place, replaceExpectation(readFileSync(place, 'utf8'), found.pointer, actual as object))
  return true
}
