import { type CoveredResource, countsOf, type FieldState } from './coverage.ts'

const WORDS: Readonly<Record<FieldState, readonly [sign: string, word: string]>> = {
  reached: ['●', 'mapped'],
  unreached: ['◐', 'mapped, shown by no case'],
  absent: ['–', 'absent'],
  not_mapped: ['○', 'not mapped'],
}

const STYLE = `
:root { color-scheme: light dark; --page: #fff; --text: #1b1b1b; --line: #8886; --soft: #efefef; --good: #1a7f37; --some: #9a6700; --bad: #b42318 }
@media (prefers-color-scheme: dark) { :root { --page: #121212; --text: #ececec; --soft: #262626; --good: #56d364; --some: #e3b341; --bad: #ff7b72 } }
html { background: var(--page); color: var(--text) }
body { background: var(--page); font: 16px/1.5 system-ui, sans-serif; max-width: 76rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100%; font-size: .9rem }
caption { text-align: left; font-weight: 600; padding: .5rem 0 }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid var(--line) }
thead th { background: var(--soft) }
.number { text-align: right; font-variant-numeric: tabular-nums }
.scroll { overflow-x: auto }
summary { cursor: pointer; padding: .4rem 0; font-weight: 600 }
code { font-size: .95em }
.reached { color: var(--good) } .unreached { color: var(--some) } .not_mapped { color: var(--bad) }
`

const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)

/** Coverage as one page that needs nothing else: a table of providers and resources, and below it each field. */
export function coverageHtml(all: readonly CoveredResource[]): string {
  const keys = [...new Set(all.map(({ model, resource }) => `${model}/${resource}`))]
  const legend = Object.values(WORDS).map(([sign, word]) => `${sign} ${word}`)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Coverage of the unified models</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Coverage of the unified models</h1>
<p>${legend.join(' · ')}. Absent fields say why.</p>
${summaryTable(all)}
<h2>Field by field</h2>
${keys
  .map((key) =>
    fieldTable(
      key,
      all.filter(({ model, resource }) => `${model}/${resource}` === key),
    ),
  )
  .join('\n')}
</main>
</body>
</html>
`
}

function summaryTable(all: readonly CoveredResource[]): string {
  const heads = [
    'Provider',
    'Resource',
    'Cases',
    'Mapped',
    'Shown by no case',
    'Absent',
    'Not mapped',
    'Enum values shown',
  ]
  const rows = all.map((each) => {
    const counts = countsOf(each)
    const mapped = counts.reached + counts.unreached
    const numbers = each.is_mapped
      ? [
          each.cases,
          mapped,
          counts.unreached,
          counts.absent,
          counts.not_mapped,
          `${counts.values_reached} of ${counts.values}`,
        ]
      : ['', '', '', '', '', '']
    const name = `<th scope="row">${escaped(each.integration)}</th><td><code>${escaped(`${each.model}/${each.resource}`)}</code>`
    return `<tr>${name}${each.is_mapped ? '' : ' (none)'}</td>${numbers.map((number) => `<td class="number">${number}</td>`).join('')}</tr>`
  })
  const head = heads.map((text) => `<th scope="col">${text}</th>`).join('')
  return `<div class="scroll" role="region" aria-label="Resources" tabindex="0"><table><caption>Resources</caption><thead><tr>${head}</tr></thead><tbody>${rows.join('\n')}</tbody></table></div>`
}

function fieldTable(key: string, all: readonly CoveredResource[]): string {
  const mapped = all.filter(({ is_mapped: isMapped }) => isMapped)
  const fields = [...new Set(mapped.flatMap((each) => each.fields.map(({ path }) => path)))]
  if (fields.length === 0) return ''
  const head = mapped.map(({ integration }) => `<th scope="col">${escaped(integration)}</th>`).join('')
  const rows = fields.map((path) => {
    const cells = mapped.map((each) => `<td>${cellOf(each, path)}</td>`).join('')
    return `<tr><th scope="row"><code>${escaped(path)}</code></th>${cells}</tr>`
  })
  return `<details><summary>${escaped(key)}</summary><div class="scroll" role="region" aria-label="Fields of ${escaped(key)}" tabindex="0"><table><caption>Fields of ${escaped(key)}</caption><thead><tr><th scope="col">Field</th>${head}</tr></thead><tbody>${rows.join('\n')}</tbody></table></div></details>`
}

function cellOf({ fields, enums }: CoveredResource, path: string): string {
  const field = fields.find((each) => each.path === path)
  if (field === undefined) return ''
  const [sign, word] = WORDS[field.state]
  const { unreached = [] } = enums.find((each) => each.field === path) ?? {}
  const rest =
    unreached.length === 0
      ? ''
      : `; no case shows ${unreached.map((value) => `<code>${escaped(value)}</code>`).join(', ')}`
  return `<span class="${field.state}" aria-hidden="true">${sign}</span> ${field.reason === undefined ? word : escaped(field.reason)}${rest}`
}
