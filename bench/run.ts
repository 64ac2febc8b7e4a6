import { parseArgs } from 'node:util'
import { checkBench } from './check.ts'
import type { Bench } from './harness/bench.ts'
import { exitCode, toJson, toLine } from './harness/report.ts'
import { measure, type Outcome } from './harness/rounds.ts'
import { inboundBenches } from './inbound.ts'
import { mappingBenches } from './mapping.ts'
import { mcpBenches } from './mcp.ts'
import { mcpTokens } from './mcp-tokens/bench.ts'
import { proxyBenches } from './proxy.ts'
import { startUpBenches } from './start-up.ts'
import { syncBenches } from './sync.ts'
import { unifiedBenches } from './unified.ts'

const BENCHES: readonly Bench[] = [
  ...mappingBenches,
  ...unifiedBenches,
  ...proxyBenches,
  ...mcpBenches,
  mcpTokens,
  ...inboundBenches,
  ...syncBenches,
  checkBench,
  ...startUpBenches,
]
const NAMES = BENCHES.map(({ name }) => name).join(', ')

const HELP = `Usage: npm run bench -- [options]

  --only <name>      one bench, or several divided by commas: ${NAMES}
  --rounds <n>       rounds of each side; default 15
  --round-ms <ms>    how long a round repeats its call; default 500
  --json             the figures as one JSON object on standard output

Ratios are measured side by side in one run. A goal is missed when its whole 95% interval misses it; the exit code is 1
when a goal that is due is missed, and 2 when a bench cannot be run.
`

function whole(name: string, text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text)
  throw new Error(`--${name} wants a whole number from 1, not '${text}'`)
}

function chosen(only: string | undefined): readonly Bench[] {
  if (only === undefined) return BENCHES
  return only.split(',').map((name) => {
    const bench = BENCHES.find((one) => one.name === name)
    if (bench === undefined) throw new Error(`there is no bench '${name}'; there are ${NAMES}`)
    return bench
  })
}

async function run(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      rounds: { type: 'string', default: '15' },
      'round-ms': { type: 'string', default: '500' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(HELP)
    return 0
  }
  const rounds = whole('rounds', values.rounds)
  const roundMs = whole('round-ms', values['round-ms'])
  const outcomes: Outcome[] = []
  for (const bench of chosen(values.only)) {
    if (bench.skipped !== undefined) {
      console.error(`${bench.name}: skipped: ${bench.skipped}`)
      continue
    }
    const found = await measure(bench, { rounds, roundMs, progress: (line) => console.error(line) })
    outcomes.push(...found)
    for (const outcome of values.json ? [] : found) console.log(toLine(outcome))
  }
  if (values.json) console.log(toJson(outcomes, rounds))
  return exitCode(outcomes)
}

try {
  process.exitCode = await run()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
}
