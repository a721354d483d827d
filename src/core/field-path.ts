/** Where a field is inside an object: `['spec', 'ingress', 0, 'ports']`. */
export type FieldPath = readonly (string | number)[]

/** As people write it: `spec.ingress[0].ports`; a key that is no plain word is quoted. */
export function fieldPath(path: FieldPath): string {
  let text = ''
  for (const step of path) {
    if (typeof step === 'number') text += `[${String(step)}]`
    else if (/^[A-Za-z_]\w*$/.test(step)) text += text === '' ? step : `.${step}`
    else text += `[${JSON.stringify(step)}]`
  }
  return text
}
