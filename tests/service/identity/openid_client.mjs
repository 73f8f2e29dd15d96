// Signs in with openid-client: prints the authorization request, reads the way back, prints what the client learnt.
import * as client from "openid-client";
import { createInterface } from "node:readline";

const [issuer, id, secret, redirect_uri, post_logout_redirect_uri, acr_values] = process.argv.slice(2);
const config = await client.discovery(new URL(issuer), id, secret, undefined, {
  execute: [client.allowInsecureRequests],
});
const pkceCodeVerifier = client.randomPKCECodeVerifier();
const [expectedState, expectedNonce] = [client.randomState(), client.randomNonce()];
const request = client.buildAuthorizationUrl(config, {
  redirect_uri,
  scope: "openid email",
  code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
  code_challenge_method: "S256",
  state: expectedState,
  nonce: expectedNonce,
  ...(acr_values ? { acr_values } : {}),
});
console.log(request.href);
for await (const line of createInterface({ input: process.stdin })) {
  const tokens = await client.authorizationCodeGrant(config, new URL(line), {
    pkceCodeVerifier,
    expectedState,
    expectedNonce,
  });
  const claims = tokens.claims();
  const told = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
  const end = client.buildEndSessionUrl(config, { post_logout_redirect_uri, id_token_hint: tokens.id_token });
  console.log(JSON.stringify({ claims, told, end: end.href }));
  break;
}
