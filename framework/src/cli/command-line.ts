import {
  type Application,
  buildApplication,
  buildRouteMap,
  type CommandContext,
  text_en,
} from '@stricli/core'
import { exitCodeOfError } from './exit-codes.ts'
import { type ReportForm, reportError } from './report-error.ts'
import { applyRoute } from './routes/apply.ts'
import { asyncApiRoute } from './routes/asyncapi.ts'
import { attachRoute } from './routes/attach.ts'
import { callRoute } from './routes/call.ts'
import { certsRoute } from './routes/certs.ts'
import { checkRoute } from './routes/check.ts'
import { devRoute } from './routes/dev.ts'
import { doctorRoute } from './routes/doctor.ts'
import { downRoute } from './routes/down.ts'
import { explainRoute } from './routes/explain.ts'
import { graphRoute } from './routes/graph.ts'
import { mailRoutes } from './routes/mail.ts'
import { messagesRoutes } from './routes/messages.ts'
import { openApiRoute } from './routes/openapi.ts'
import { planRoute } from './routes/plan.ts'
import { psRoute } from './routes/ps.ts'
import { restartRoute } from './routes/restart.ts'
import { startRoute } from './routes/start.ts'
import { instanceRoute, keepRoute, prepareRoute, resolveRoute } from './routes/supervised.ts'
import { upRoute } from './routes/up.ts'

const description = `An application is a folder with a banyan.ts that exports \`application\` and, if development needs
processes beside it, \`companions\`. Commands take that folder as their last argument.

  banyan dev                       run it and keep editing
  banyan check                     before you commit
  banyan call catalog.product '{"sku":"A-1"}'
  banyan dev --help                every command explains itself

--verbose with any command adds stacks to errors.`

/** The command line of Banyan; a command's code is loaded when it is run. */
export function createCommandLine(version: string, form: ReportForm): Application<CommandContext> {
  const report = (error: unknown): string => reportError(error, form)
  return buildApplication(
    buildRouteMap({
      routes: {
        dev: devRoute,
        start: startRoute,
        check: checkRoute,
        call: callRoute,
        openapi: openApiRoute,
        asyncapi: asyncApiRoute,
        graph: graphRoute,
        messages: messagesRoutes,
        mail: mailRoutes,
        plan: planRoute,
        up: upRoute,
        ps: psRoute,
        apply: applyRoute,
        restart: restartRoute,
        attach: attachRoute,
        down: downRoute,
        certs: certsRoute,
        doctor: doctorRoute,
        explain: explainRoute,
        instance: instanceRoute,
        keep: keepRoute,
        prepare: prepareRoute,
        resolve: resolveRoute,
      },
      docs: {
        hideRoute: { instance: true, keep: true, prepare: true, resolve: true },
        brief: 'Banyan: a modular monolith that grows by configuration',
        fullDescription: description,
      },
    }),
    {
      name: 'banyan',
      versionInfo: { currentVersion: version },
      scanner: { caseStyle: 'allow-kebab-for-camel', allowArgumentEscapeSequence: true },
      documentation: { disableAnsiColor: true },
      determineExitCode: exitCodeOfError,
      localization: {
        text: {
          ...text_en,
          exceptionWhileRunningCommand: report,
          exceptionWhileLoadingCommandFunction: report,
        },
      },
    },
  )
}
