"""Sign-in in a browser: the state between the steps, the sessions in cookies, the codes for clients."""
