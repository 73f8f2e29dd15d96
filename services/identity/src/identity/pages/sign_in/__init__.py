"""The sign-in page: password, second factor, forgotten password, sign-out."""
