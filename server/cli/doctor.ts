import { Command } from 'commander'
import { examine, type Finding } from '../kit/doctor/index.ts'
import { answering } from './kit.ts'

interface Options {
  readonly json?: boolean
  readonly offline?: boolean
}

/** `onefold doctor`: exit code 0 when nothing fails, 1 otherwise. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('Says what is wrong with this installation, and how to repair it. Changes nothing.')
    .option('--offline', 'ask no host beyond this machine')
    .option('--json', 'print the findings as JSON')
    .addHelpText('after', '\nIt reads the same settings as the server; run it where and as whom the server runs.\n')
    .action((options: Options) => answering(() => doctor(options)))
}

async function doctor({ json, offline }: Options): Promise<number> {
  const findings = await examine(process.env, offline !== true)
  const counts = { ok: 0, warn: 0, fail: 0 }
  for (const { status } of findings) counts[status]++
  console.log(json === true ? JSON.stringify({ findings, counts }, null, 2) : textOf(findings, counts))
  return counts.fail > 0 ? 1 : 0
}

const WIDTH = 20

function textOf(findings: readonly Finding[], counts: Readonly<Record<Finding['status'], number>>): string {
  const lines = findings.flatMap(({ name, status, message, repair }) => [
    `${status.padEnd(4)}  ${name.padEnd(WIDTH)}${message}`,
    ...(repair === undefined ? [] : [`      ${' '.repeat(WIDTH)}repair: ${repair}`]),
  ])
  return [...lines, '', `${counts.ok} ok, ${counts.warn} to know, ${counts.fail} to repair`].join('\n')
}
