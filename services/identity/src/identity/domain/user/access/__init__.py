"""What a user may do and until when: roles, password, disabling, deletion."""
