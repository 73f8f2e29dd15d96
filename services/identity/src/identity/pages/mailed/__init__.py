"""The pages of the personal links in mails. Opening one changes nothing: mail scanners open links."""
