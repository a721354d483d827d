import { BUILT_IN_PROFILES } from '../api/profiles.gen.ts'
import { declaredDocument, type DeclaredFile } from '../controller/declared.ts'

/** The profiles that palisade brings, as files that nobody can have: `builtin:alibaba.yaml`. */
export function builtInFiles(): readonly DeclaredFile[] {
  return BUILT_IN_PROFILES.map((profile) => {
    const path = `builtin:${profile.metadata.name}.yaml`
    const document = declaredDocument(profile, () => ({ file: path, line: 1, column: 1 }))
    return { path, documents: [document], findings: [], complete: true, foreign: 0 }
  })
}
