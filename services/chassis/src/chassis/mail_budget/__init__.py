"""How many mails a person may cause: per person, organization, addressee and day."""
