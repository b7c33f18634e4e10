import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { createLocalFileStore, type FileStore } from '../files/index.ts'
import { BanyanError, type World } from '../kernel/index.ts'
import { runtimeSettingInvalid } from './errors.ts'
import type { Settings } from './settings.ts'

const variable = 'BANYAN_FILES_URL'

/** Where files are kept, as the settings say: a local folder unless they name another place. Nothing is
 *  read, written or sent yet.
 *  @throws RUNTIME_SETTING_INVALID; a secret is not repeated */
export async function createFileStore(
  { filesUrl, folder }: Pick<Settings, 'filesUrl' | 'folder'>,
  world: World,
): Promise<FileStore> {
  if (filesUrl === undefined) {
    return createLocalFileStore({ folder: path.resolve(folder, 'files'), world })
  }
  const url = URL.parse(filesUrl)
  if (url === null) throw invalid('it is no URL')
  if (url.protocol === 'file:') return createLocalFileStore({ folder: folderOf(url), world })
  return createBucket(url, world)
}

/** `s3://key:secret@bucket?region=eu-central-1&endpoint=https://minio.example:9000`, key and secret
 *  percent-encoded where they must be. */
async function createBucket(url: URL, { clock, random }: World): Promise<FileStore> {
  const { hostname: bucket, username, password, searchParams, pathname } = url
  if (pathname !== '' && pathname !== '/') throw invalid('a bucket has no path')
  const region = searchParams.get('region') ?? ''
  const unknown = [...searchParams.keys()].find((name) => !parameters.includes(name))
  if (unknown !== undefined) throw invalid(`it has the parameter ${unknown}`)
  const { createS3FileStore } = await import('../engines/s3/index.ts')
  try {
    return createS3FileStore({
      bucket,
      region,
      endpoint: searchParams.get('endpoint') ?? `https://s3.${region}.amazonaws.com`,
      accessKeyId: decodeURIComponent(username),
      secretAccessKey: decodeURIComponent(password),
      ...{ clock, random },
    })
  } catch (error) {
    if (error instanceof BanyanError) throw invalid(error.message)
    throw invalid('its key or secret is not percent-encoded')
  }
}

const parameters: readonly string[] = ['region', 'endpoint']

function folderOf(url: URL): string {
  try {
    return fileURLToPath(url)
  } catch {
    throw invalid('it names no folder of this machine')
  }
}

function invalid(cause: string): Error {
  return runtimeSettingInvalid({ name: variable, cause })
}
