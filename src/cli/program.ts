import { Command } from 'commander'
import { EXIT } from './exit-status.ts'
import { faultOf } from './fault.ts'
import { addLabVerbs, type AddVerb } from './lab-verbs.ts'
import {
  contextOption,
  healthAddressOption,
  kubeconfigOption,
  orCluster,
  targetNamespaceOption,
} from './cluster/options.ts'
import type { Io } from './io.ts'
import {
  allowDeleteOption,
  expectOption,
  atOption,
  firewallOption,
  listedAddressesOption,
  logLevelOption,
  namespaceOption,
  nodeOption,
  outputOption,
  portOption,
  resyncOption,
  stateOption,
  trustClockOption,
  withExplicitAllowance,
} from './options.ts'
import type { AgentOptions } from './verbs/agent.ts'
import type { ApplyOptions } from './verbs/apply.ts'
import type { ControllerOptions } from './verbs/controller.ts'
import type { ExplainOptions } from './verbs/explain.ts'
import type { GetOptions } from './verbs/get.ts'
import type { LintOptions } from './verbs/lint.ts'
import type { MatrixOptions } from './verbs/matrix.ts'
import type { PlanOptions } from './verbs/plan.ts'
import type { RulesOptions } from './verbs/rules.ts'
import type { RunOptions } from './verbs/run.ts'
import type { ValidateOptions } from './verbs/validate.ts'
import { readVersion } from './version.ts'

/** Columns of the help, on whatever terminal. */
const HELP_WIDTH = 80

/** Columns into which a description is still wrapped, beside long names of verbs. */
const HELP_NARROWEST = 20

const PATHS = 'files and folders with manifests; - is standard input'

/**
 * Runs one command line, words without the program's name. Everything that goes wrong is told and is in the
 * status, which is one of EXIT but for `lab exec`: that ends as its command does.
 */
export async function runCli(words: readonly string[], io: Io): Promise<number> {
  let status: number = EXIT.done
  const program = createProgram(io, (result) => {
    status = result
  })
  try {
    await program.parseAsync(withExplicitAllowance(words), { from: 'user' })
    return status
  } catch (error) {
    const fault = faultOf(error)
    io.stderr.write(fault.text)
    return fault.status
  }
}

/** The verbs are loaded when they are used: `palisade get` need not wait for the validator. */
function createProgram(io: Io, done: (status: number) => void): Command {
  const program = configured(new Command('palisade'), io)
    .description('Declarative security groups: YAML in, effective rules of every instance out.')
    .version(readVersion(), '--version', 'print the version')
    .helpCommand('help [verb]', 'print help for a verb')
    .enablePositionalOptions()
  const verbOf: AddVerb = (parent, name, description, ...examples) => {
    const lines = examples.map((example) => `\n  $ palisade ${example}`)
    return configured(parent.command(name), io)
      .description(description)
      .addHelpText('after', `\nExample${lines.length > 1 ? 's' : ''}:${lines.join('')}`)
  }
  const verb = (name: string, description: string, ...examples: readonly string[]): Command =>
    verbOf(program, name, description, ...examples)

  const validateVerb = verb(
    'validate',
    'Check manifests, and print every finding.',
    'validate manifests/quickstart',
    'validate manifests/quickstart --kubernetes -n shop',
  )
    .argument('<path...>', PATHS)
    .option('--state <dir>', 'judge them as changes to what this state folder holds')
  orCluster(validateVerb)
    .addOption(targetNamespaceOption())
    .addOption(outputOption(['text', 'json', 'github']))
    .action(async (paths: string[], options: ValidateOptions) => {
      const { validate } = await import('./verbs/validate.ts')
      done(await validate(io, paths, options))
    })

  verb('lint', 'Find what is allowed and yet seldom meant.', 'lint manifests/quickstart')
    .argument('<path...>', PATHS)
    .addOption(outputOption(['text', 'json', 'github', 'sarif']))
    .action(async (paths: string[], options: LintOptions) => {
      const { lint } = await import('./verbs/lint.ts')
      done(await lint(io, paths, options))
    })

  verb('matrix', 'Show who reaches whom on what.', 'matrix manifests/quickstart --to db')
    .argument('[path...]', `${PATHS}; without any, what the state has in force`)
    .addOption(stateOption(io))
    .addOption(outputOption(['table', 'json', 'csv', 'mermaid', 'dot']))
    .option('--from <end>', 'only from these: Internet, an address, prefix, instance or group')
    .option('--to <end>', 'only to these')
    .addOption(portOption())
    .action(async (paths: string[], options: MatrixOptions) => {
      const { matrix } = await import('./verbs/matrix.ts')
      done(await matrix(io, paths, options))
    })

  const planVerb = verb(
    'plan',
    'Show what an apply would change.',
    'plan manifests/quickstart --exit-code',
    'plan manifests/quickstart --kubernetes -n shop',
  )
    .argument('<path...>', PATHS)
    .addOption(stateOption(io))
  orCluster(planVerb, 'against')
    .addOption(targetNamespaceOption())
    .addOption(outputOption(['text', 'json', 'yaml', 'markdown']))
    .addOption(allowDeleteOption())
    .addOption(atOption())
    .option('--against <base>', 'compare with a file, a folder or a git revision, not the state')
    .option('--exit-code', 'exit with 4 when anything would change')
    .action(async (paths: string[], options: PlanOptions) => {
      const { plan } = await import('./verbs/plan.ts')
      done(await plan(io, paths, options))
    })

  verb('apply', 'Put into force what manifests declare, once.', 'apply manifests/quickstart')
    .argument('<path...>', PATHS)
    .addOption(stateOption(io))
    .addOption(outputOption(['text', 'json', 'yaml']))
    .addOption(allowDeleteOption())
    .addOption(listedAddressesOption())
    .addOption(trustClockOption())
    .addOption(firewallOption())
    .addOption(nodeOption())
    .action(async (paths: string[], options: ApplyOptions) => {
      const { apply } = await import('./verbs/apply.ts')
      done(await apply(io, paths, options))
    })

  verb('run', 'Keep in force what manifests declare, until stopped.', 'run manifests/quickstart')
    .argument('<path...>', PATHS)
    .addOption(stateOption(io))
    .addOption(allowDeleteOption())
    .addOption(listedAddressesOption())
    .addOption(trustClockOption())
    .addOption(firewallOption())
    .addOption(nodeOption())
    .addOption(resyncOption())
    .addOption(logLevelOption())
    .action(async (paths: string[], options: RunOptions) => {
      const { run } = await import('./verbs/run.ts')
      done(await run(io, paths, options))
    })

  const getVerb = verb(
    'get',
    'Show objects and their status, as kubectl does.',
    'get securitygroups web -o yaml',
    'get instances --kubernetes -n shop',
  )
    .argument('[object...]', 'KIND, KIND NAME... or KIND/NAME...; without any, every kind')
    .addOption(stateOption(io))
  orCluster(getVerb)
    .addOption(outputOption(['table', 'wide', 'yaml', 'json', 'name']))
    .addOption(namespaceOption())
    .option('-A, --all-namespaces', 'look in every namespace')
    .action(async (objects: string[], options: GetOptions) => {
      const { get } = await import('./verbs/get.ts')
      done(await get(io, objects, options))
    })

  const rulesVerb = verb(
    'rules',
    'Show the effective rules of an instance.',
    'rules web-1',
    'rules web-1 --kubernetes -n shop',
  )
    .argument('<instance>', 'NAME or NAMESPACE/NAME')
    .addOption(stateOption(io))
  orCluster(rulesVerb)
    .addOption(outputOption(['table', 'yaml', 'json']))
    .addOption(namespaceOption())
    .option('--hits', 'with what each rule has counted: first packets of connections, and when')
    .action(async (instance: string, options: RulesOptions) => {
      const { rules } = await import('./verbs/rules.ts')
      done(await rules(io, instance, options))
    })

  const lab = verb(
    'lab',
    'Try the declared VPCs with real packets, without root.',
    'lab up manifests/quickstart',
  )
  addLabVerbs(lab.enablePositionalOptions(), io, verbOf, done)

  verb(
    'explain',
    'Say whether FROM may reach TO, and which rules decide it.',
    'explain web-1 app-1 TCP/8080 --expect allowed',
  )
    .argument('<from>', 'an instance (NAME or NAMESPACE/NAME), an address or a prefix')
    .argument('<to>', 'likewise')
    .argument('<traffic>', 'PROTOCOL, PROTOCOL/PORT, or ICMP/TYPE')
    .addOption(stateOption(io))
    .option('-f, --manifests <path...>', 'ask about these manifests, not about what is in force')
    .addOption(outputOption(['text', 'json']))
    .addOption(namespaceOption())
    .addOption(expectOption())
    .action(async (from: string, to: string, traffic: string, options: ExplainOptions) => {
      const { explain } = await import('./verbs/explain.ts')
      done(await explain(io, [from, to, traffic], options))
    })

  verb(
    'controller',
    'In a cluster: judge what is declared and report in status.',
    'controller --kubeconfig ~/.kube/config',
  )
    .addOption(kubeconfigOption())
    .addOption(contextOption())
    .option('--namespaces <name...>', 'only these namespaces; all of them otherwise')
    .option('--lease-namespace <name>', "where the Lease of the leader is; the context's otherwise")
    .option('--webhook <address>', 'where the API server asks about objects; nowhere otherwise')
    .option('--webhook-names <name...>', "the webhook's names besides its Service")
    .addOption(trustClockOption())
    .addOption(healthAddressOption())
    .addOption(logLevelOption())
    .action(async (options: ControllerOptions) => {
      const { controller } = await import('./verbs/controller.ts')
      done(await controller(io, options))
    })

  verb('agent', 'In a cluster: enforce what is in force for one node.', 'agent --node host-a --firewall nft')
    .addOption(nodeOption('the node whose instances are enforced'))
    .addOption(firewallOption())
    .addOption(stateOption(io))
    .addOption(kubeconfigOption())
    .addOption(contextOption())
    .option('-n, --namespace <name>', 'only this namespace; all of them otherwise')
    .addOption(trustClockOption())
    .addOption(healthAddressOption())
    .addOption(logLevelOption())
    .action(async (options: AgentOptions) => {
      const { agent } = await import('./verbs/agent.ts')
      done(await agent(io, options))
    })

  verb('crds', 'Print the CRDs for a cluster.', 'crds | kubectl apply -f -').action(async () => {
    const { crds } = await import('./verbs/crds.ts')
    done(crds(io))
  })

  return program.addHelpText('after', STATUS_HELP)
}

const STATUS_HELP = `
Example:
  $ palisade run manifests/quickstart

Exit status: 0 done; 1 the manifests or the result are bad; 2 wrong usage;
3 files, the firewall or the system failed; 4 plan --exit-code: changes.`

function configured(command: Command, io: Io): Command {
  return command
    .exitOverride()
    .configureHelp({ minWidthToWrap: HELP_NARROWEST })
    .configureOutput({
      writeOut: (text) => {
        io.stdout.write(text)
      },
      writeErr: (text) => {
        io.stderr.write(text)
      },
      getOutHelpWidth: () => HELP_WIDTH,
      getErrHelpWidth: () => HELP_WIDTH,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
}
