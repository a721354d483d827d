import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** A real folder for a test. */
export class Folder {
  readonly path: string

  private constructor(folder: string) {
    this.path = folder
  }

  static async create(): Promise<Folder> {
    return new Folder(await mkdtemp(path.join(tmpdir(), 'palisade-source-')))
  }

  at(name: string): string {
    return path.join(this.path, name)
  }

  async write(name: string, text: string): Promise<void> {
    await mkdir(path.dirname(this.at(name)), { recursive: true })
    await writeFile(this.at(name), text)
  }

  /** As editors save: into another file, which then takes the name. */
  async save(name: string, text: string): Promise<void> {
    await writeFile(this.at(`.${name}.new`), text)
    await rename(this.at(`.${name}.new`), this.at(name))
  }

  async remove(name = ''): Promise<void> {
    await rm(this.at(name), { recursive: true, force: true })
  }

  async link(name: string, target: string): Promise<void> {
    await symlink(target, this.at(name))
  }

  /** As Kubernetes updates a mounted ConfigMap: a new folder, and a link to it that is swapped. */
  async mount(version: string, files: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, text] of Object.entries(files)) await this.write(`..${version}/${name}`, text)
    await this.link('..data_tmp', `..${version}`)
    await rename(this.at('..data_tmp'), this.at('..data'))
  }
}
