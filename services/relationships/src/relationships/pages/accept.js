"use strict";
// Signs in at identity, then accepts with the token it got; the token lives no longer than this page.
(() => {
  const form = document.getElementById("accept");
  const messages = [...document.querySelectorAll("[data-code]")];
  // One key for the whole page: a click that is repeated after a broken connection is the same acceptance.
  const key = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

  const hush = () => {
    for (const message of messages) message.hidden = true;
  };

  const say = (code) => {
    const known = messages.some((message) => message.dataset.code === code) ? code : "other";
    for (const message of messages) message.hidden = message.dataset.code !== known;
  };

  const post = (url, body, headers) =>
    fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
      credentials: "omit",
      cache: "no-store",
    });

  const accept = async () => {
    const fields = form.elements;
    const signIn = { grant_type: "password", email: fields.email.value, password: fields.password.value };
    const session = await post(form.dataset.tokenUrl, signIn, {});
    const signedIn = await session.json();
    if (!session.ok) return say(signedIn.code);
    if (signedIn.must_change_password) return say("password-change-required");
    const answer = await post(
      form.dataset.acceptUrl,
      { token: form.dataset.token, consent: fields.consent.checked },
      { authorization: `Bearer ${signedIn.access_token}`, "idempotency-key": key },
    );
    if (!answer.ok) return say((await answer.json()).code);
    form.remove();
    document.getElementById("accepted").hidden = false;
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    hush();
    try {
      await accept();
    } catch {
      say("try-again");
    } finally {
      button.disabled = false;
    }
  });
})();
