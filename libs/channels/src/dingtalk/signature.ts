/** The signature of a DingTalk robot (custom robot access, security setting "additional signature"). */
import { createHmac } from 'node:crypto';

/** Parameters of the URL: HMAC-SHA256 under the secret of `timestamp LF secret`, in base64; the URL encodes it. */
export function signedUrl(url: URL, accessToken: string, secret: string, nowMs: number): URL {
  const timestamp = String(Math.round(nowMs));
  const signed = new URL(url);
  signed.searchParams.set('access_token', accessToken);
  signed.searchParams.set('timestamp', timestamp);
  signed.searchParams.set('sign', createHmac('sha256', secret).update(`${timestamp}\n${secret}`).digest('base64'));
  return signed;
}
