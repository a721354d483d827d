import type { MatrixCell } from '../../../policy/reachability/matrix.ts'
import { trafficText } from '../../../policy/reachability/traffic-text.ts'

/** What passes, in words; the families apart where they differ. */
export function cellText({ traffic }: MatrixCell): string {
  const texts = [...traffic].map(([family, set]) => ({ family, text: trafficText(set) }))
  const [first] = texts
  if (first !== undefined && texts.every(({ text }) => text === first.text)) return first.text
  return texts.map(({ family, text }) => `${family}: ${text}`).join('; ')
}
