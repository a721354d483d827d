import type { Command } from 'commander'
import type { Io } from './io.ts'
import { labStateOption, logLevelOption, namespaceOption, outputOption } from './options.ts'
import type { LabDownOptions } from './verbs/lab/down.ts'
import type { LabExecOptions } from './verbs/lab/exec.ts'
import type { LabStatusOptions } from './verbs/lab/status.ts'
import type { LabTestOptions } from './verbs/lab/test.ts'
import type { LabUpOptions } from './verbs/lab/up.ts'

/** Makes a verb of a command, as src/cli/program.ts does. */
export type AddVerb = (
  parent: Command,
  name: string,
  description: string,
  ...examples: readonly string[]
) => Command

/** `palisade lab ...`: the declared VPCs with real packets, on this machine, without root. */
export function addLabVerbs(lab: Command, io: Io, verb: AddVerb, done: (status: number) => void): void {
  verb(lab, 'up', 'Build the declared VPCs, and follow edits.', 'lab up manifests/quickstart')
    .argument('<path...>', 'files and folders with manifests; - is standard input')
    .addOption(labStateOption(io))
    .addOption(logLevelOption())
    .action(async (paths: string[], options: LabUpOptions) => {
      const { labUp } = await import('./verbs/lab/up.ts')
      done(await labUp(io, paths, options))
    })

  verb(lab, 'exec', 'Run a command as if on an instance.', 'lab exec web-1 -- ping -c 1 10.0.2.11')
    .argument('<instance>', 'NAME or NAMESPACE/NAME; internet, or internet:VPC, for the world outside')
    .argument('<command...>', 'the command and its arguments')
    .addOption(labStateOption(io))
    .addOption(namespaceOption())
    .passThroughOptions()
    .action(async (instance: string, command: string[], options: LabExecOptions) => {
      const { labExec } = await import('./verbs/lab/exec.ts')
      // Commander keeps the word that separates.
      const words = command[0] === '--' ? command.slice(1) : command
      done(await labExec(io, instance, words, options))
    })

  verb(lab, 'status', 'Show what is up.', 'lab status')
    .addOption(labStateOption(io))
    .action(async (options: LabStatusOptions) => {
      const { labStatus } = await import('./verbs/lab/status.ts')
      done(await labStatus(io, options))
    })

  verb(lab, 'test', 'Send packets at the boundaries of every rule.', 'lab test')
    .addOption(labStateOption(io))
    .addOption(outputOption(['table', 'json']))
    .action(async (options: LabTestOptions) => {
      const { labTest } = await import('./verbs/lab/test.ts')
      done(await labTest(io, options))
    })

  verb(lab, 'down', 'Take the lab down.', 'lab down')
    .addOption(labStateOption(io))
    .action(async (options: LabDownOptions) => {
      const { labDown } = await import('./verbs/lab/down.ts')
      done(await labDown(io, options))
    })
}
