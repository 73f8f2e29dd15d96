"""Account lockout: wrong secrets are counted, and too many lock for a while."""
