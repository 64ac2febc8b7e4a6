/** The search over providers. */
import { at } from './facts.js'

const FEW = 6

export function choose() {
  const search = at('search')
  const rows = [...at('choices').children]
  search.closest('.search').hidden = rows.length <= FEW
  search.addEventListener('input', () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean)
    for (const row of rows) row.hidden = !words.every((word) => row.dataset.words.includes(word))
    const found = rows.filter((row) => !row.hidden).length
    at('none').hidden = found > 0
    at('count').textContent = found === 1 ? '1 fits' : `${found} fit`
  })
  search.addEventListener('keydown', (event) => {
    const first = rows.find((row) => !row.hidden)
    if (event.key === 'Enter' && search.value !== '' && first) first.querySelector('a').click()
  })
}
