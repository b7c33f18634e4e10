import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AwsV4Signer } from 'aws4fetch'
import { findSignatureFault, type SignedRequest, signatureOf } from './sigv4.fixture.ts'

const accessKeyId = 'AKIAIOSFODNN7EXAMPLE'
const secretAccessKey = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'
const region = 'us-east-1'
const nowMs = Date.UTC(2013, 4, 24)
const expected = { accessKeyId, secretAccessKey, region, nowMs }
const emptyHash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
const welcomeHash = '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072'
const common = {
  host: 'examplebucket.s3.amazonaws.com',
  'x-amz-date': '20130524T000000Z',
  'x-amz-content-sha256': emptyHash,
}

/** The examples of "Authenticating Requests: Using the Authorization Header" in the API reference of S3. */
const published: readonly (SignedRequest & { readonly signature: string })[] = [
  {
    method: 'GET',
    target: '/test.txt',
    headers: { ...common, range: 'bytes=0-9' },
    body: Buffer.alloc(0),
    signature: 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  },
  {
    method: 'PUT',
    target: '/test%24file.text',
    headers: {
      ...common,
      date: 'Fri, 24 May 2013 00:00:00 GMT',
      'x-amz-content-sha256': welcomeHash,
      'x-amz-storage-class': 'REDUCED_REDUNDANCY',
    },
    body: Buffer.from('Welcome to Amazon S3.'),
    signature: '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  },
  {
    method: 'GET',
    target: '/?lifecycle',
    headers: common,
    body: Buffer.alloc(0),
    signature: 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  },
  {
    method: 'GET',
    target: '/?max-keys=2&prefix=J',
    headers: common,
    body: Buffer.alloc(0),
    signature: '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  },
]

function authorized(request: SignedRequest, signature: string): SignedRequest {
  const signed = Object.keys(request.headers).sort().join(';')
  const credential = `${accessKeyId}/20130524/us-east-1/s3/aws4_request`
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential},SignedHeaders=${signed},Signature=${signature}`
  return { ...request, headers: { ...request.headers, authorization } }
}

test('the test server computes the signatures that AWS published', () => {
  for (const { signature, ...request } of published) {
    const signed = Object.keys(request.headers).sort()
    assert.equal(signatureOf(request, signed, expected), signature, request.target)
    assert.equal(findSignatureFault(authorized(request, signature), expected), undefined)
  }
})

test('the test server refuses another secret, time, region, key, body, path or header', () => {
  const [, put] = published
  assert.ok(put !== undefined)
  const sound = authorized(put, put.signature)
  const faultOf = (request: Partial<SignedRequest>, other: Partial<typeof expected> = {}) =>
    findSignatureFault({ ...sound, ...request }, { ...expected, ...other })
  assert.equal(faultOf({}), undefined)
  assert.equal(faultOf({}, { secretAccessKey: 'another' }), 'SignatureDoesNotMatch')
  assert.equal(faultOf({}, { accessKeyId: 'another' }), 'InvalidAccessKeyId')
  assert.equal(faultOf({}, { region: 'eu-central-1' }), 'AuthorizationHeaderMalformed')
  assert.equal(faultOf({}, { nowMs: nowMs + 900_001 }), 'RequestTimeTooSkewed')
  assert.equal(faultOf({}, { nowMs: nowMs - 900_001 }), 'RequestTimeTooSkewed')
  assert.equal(faultOf({ body: Buffer.from('other') }), 'XAmzContentSHA256Mismatch')
  assert.equal(faultOf({ target: '/other.text' }), 'SignatureDoesNotMatch')
  assert.equal(faultOf({ method: 'GET' }), 'SignatureDoesNotMatch')
  const late = { ...sound.headers, 'x-amz-meta-added': 'unsigned' }
  assert.equal(faultOf({ headers: late }), 'AccessDenied')
  assert.equal(faultOf({ headers: put.headers }), 'AccessDenied')
})

test('the library signs what the test server, written apart from it, takes', async () => {
  const names = ['plain', "a b+c/d&e=f'(!)*~", '%25/é', 'x;y:z@,$']
  for (const name of names) {
    const path = name.split('/').map(encodeURIComponent).join('/')
    const url = `http://127.0.0.1:1/bucket/${path}?list-type=2&prefix=${encodeURIComponent(name)}`
    const headers = { 'x-amz-content-sha256': emptyHash, 'if-none-match': '*' }
    const datetime = '20130524T000000Z'
    const keys = { accessKeyId, secretAccessKey, region, service: 's3' }
    const signed = await new AwsV4Signer({ method: 'GET', url, headers, datetime, ...keys }).sign()
    const target = `${signed.url.pathname}${signed.url.search}`
    const sent = { host: '127.0.0.1:1', ...Object.fromEntries(signed.headers) }
    const request = { method: 'GET', target, headers: sent, body: Buffer.alloc(0) }
    assert.equal(findSignatureFault(request, expected), undefined, name)
  }
})
