"""The portal's pages about people and their accounts; how one enters and leaves the portal."""
