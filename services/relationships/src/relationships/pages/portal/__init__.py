"""The portal's pages about partnerships, invitations and customers."""
